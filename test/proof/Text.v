(* The text layer: FHIR's escapes, comma lists, bars in tokens, percent-encoding, clauses and queries. Reading after
   printing is the identity. Characters are the bytes of UTF-8, as numbers. *)
From Coq Require Import List Arith Bool PeanoNat Lia.
Import ListNotations.

Definition text := list nat.
Definition comma := 44. Definition bar := 124. Definition dollar := 36. Definition backslash := 92.
Definition percent := 37. Definition ampersand := 38. Definition equals := 61.

(* The characters that FHIR escapes. *)
Definition special (c : nat) : bool := (c =? comma) || (c =? bar) || (c =? dollar) || (c =? backslash).
Definition escapeAll (s : text) : text := flat_map (fun c => if special c then [backslash; c] else [c]) s.
Fixpoint unescape (s : text) : text :=
  match s with
  | [] => []
  | c :: r =>
    if c =? backslash then match r with
    | d :: r' => if special d then d :: unescape r' else c :: unescape r
    | [] => [c]
    end else c :: unescape r
  end.
(* Splits at the separators that no backslash escapes. *)
Fixpoint splitAt (sep : nat) (current s : text) : list text :=
  match s with
  | [] => [rev current]
  | c :: r =>
    if c =? backslash then match r with
    | d :: r' => splitAt sep (d :: c :: current) r'
    | [] => [rev (c :: current)]
    end else if c =? sep then rev current :: splitAt sep [] r else splitAt sep (c :: current) r
  end.
Definition commaList (s : text) : list text := splitAt comma [] s.
(* The text before and after the first bar that no backslash escapes. *)
Fixpoint splitBar (before s : text) : option (text * text) :=
  match s with
  | [] => None
  | c :: r =>
    if c =? backslash then match r with d :: r' => splitBar (d :: c :: before) r' | [] => None end
    else if c =? bar then Some (rev before, r) else splitBar (c :: before) r
  end.
Fixpoint join (sep : nat) (parts : list text) : text :=
  match parts with [] => [] | [p] => p | p :: rest => p ++ sep :: join sep rest end.

Lemma join_cons sep p q rest : join sep (p :: q :: rest) = p ++ sep :: join sep (q :: rest).
Proof. reflexivity. Qed.

(* A text in which every backslash escapes a character, and no separator stands without a backslash. *)
Fixpoint clean (sep : nat) (s : text) : Prop :=
  match s with
  | [] => True
  | c :: r => if c =? backslash then match r with _ :: r' => clean sep r' | [] => False end else c <> sep /\ clean sep r
  end.

Lemma special_backslash : special backslash = true. Proof. reflexivity. Qed.
(* Undoing FHIR's escapes gives back the text that was escaped. *)
Theorem unescape_escape s : unescape (escapeAll s) = s.
Proof.
  induction s as [|c s IH]; simpl; auto. destruct (special c) eqn:S; simpl.
  - rewrite S, IH. auto.
  - destruct (c =? backslash) eqn:B; [|now rewrite IH]. apply Nat.eqb_eq in B as ->. discriminate.
Qed.
Lemma clean_escape sep s : special sep = true -> clean sep (escapeAll s).
Proof.
  intros H. induction s as [|c s IH]; simpl; auto. destruct (special c) eqn:S; simpl; auto.
  destruct (c =? backslash) eqn:B; [apply Nat.eqb_eq in B as ->; discriminate|]. split; auto. congruence.
Qed.
Lemma clean_app sep s t : clean sep s -> clean sep t -> clean sep (s ++ t).
Proof.
  revert s. fix IH 1. intros [|c s]; simpl; auto. destruct (c =? backslash).
  - destruct s as [|d s]; simpl; [tauto|]. apply IH.
  - intros [N C] D. split; auto.
Qed.
Lemma splitAt_clean sep current s rest : sep <> backslash -> clean sep s ->
  splitAt sep current (s ++ sep :: rest) = (rev current ++ s) :: splitAt sep [] rest.
Proof.
  intros NB. revert s current. fix IH 1. intros [|c s] current; simpl.
  - intros _. rewrite Nat.eqb_refl. destruct (sep =? backslash) eqn:E; [apply Nat.eqb_eq in E; contradiction|].
    now rewrite app_nil_r.
  - destruct (c =? backslash).
    + destruct s as [|d s]; simpl; [tauto|]. intros C. rewrite IH by auto. simpl. now rewrite <- !app_assoc.
    + intros [N C]. destruct (c =? sep) eqn:E; [apply Nat.eqb_eq in E; contradiction|].
      rewrite IH by auto. simpl. now rewrite <- app_assoc.
Qed.
Lemma splitAt_last sep current s : clean sep s -> splitAt sep current s = [rev current ++ s].
Proof.
  revert s current. fix IH 1. intros [|c s] current; simpl; [now rewrite app_nil_r|]. destruct (c =? backslash).
  - destruct s as [|d s]; simpl; [tauto|]. intros C. rewrite IH by auto. simpl. now rewrite <- !app_assoc.
  - intros [N C]. destruct (c =? sep) eqn:E; [apply Nat.eqb_eq in E; contradiction|].
    rewrite IH by auto. simpl. now rewrite <- app_assoc.
Qed.
(* A comma list is split into the values from which it was joined: an escaped comma is part of its value. *)
Theorem commaList_join vs : vs <> [] -> (forall v, In v vs -> clean comma v) -> commaList (join comma vs) = vs.
Proof.
  intros N C. unfold commaList. induction vs as [|v [|w vs] IH]; [contradiction| |].
  - simpl. rewrite splitAt_last; auto. apply C; simpl; auto.
  - rewrite join_cons, splitAt_clean; [|discriminate|apply C; simpl; auto].
    rewrite IH; [reflexivity|discriminate|intros; apply C; simpl in *; auto].
Qed.

Lemma splitBar_clean before s rest : clean bar s -> splitBar before (s ++ bar :: rest) = Some (rev before ++ s, rest).
Proof.
  revert s before. fix IH 1. intros [|c s] before; simpl; [now rewrite app_nil_r|]. destruct (c =? backslash).
  - destruct s as [|d s]; simpl; [tauto|]. intros C. rewrite IH by auto. simpl. now rewrite <- !app_assoc.
  - intros [N C]. destruct (c =? bar) eqn:E; [apply Nat.eqb_eq in E; contradiction|].
    rewrite IH by auto. simpl. now rewrite <- app_assoc.
Qed.
Lemma splitBar_none before s : clean bar s -> splitBar before s = None.
Proof.
  revert s before. fix IH 1. intros [|c s] before; simpl; auto. destruct (c =? backslash).
  - destruct s as [|d s]; simpl; [tauto|]. apply IH.
  - intros [N C]. destruct (c =? bar) eqn:E; [apply Nat.eqb_eq in E; contradiction|]. auto.
Qed.

(* A token: the system is absent when there is no bar, the code is absent when nothing follows the bar. *)
Definition token : Type := option text * option text.
Definition tokenOf (s : text) : token :=
  match splitBar [] s with
  | None => (None, Some (unescape s))
  | Some (sys, code) => (Some (unescape sys), match unescape code with [] => None | c => Some c end)
  end.
Definition printToken (t : token) : text :=
  match t with
  | (None, code) => match code with Some c => escapeAll c | None => [] end
  | (Some s, code) => escapeAll s ++ bar :: match code with Some c => escapeAll c | None => [] end
  end.
Definition tokenWf (t : token) : Prop := match t with (None, None) => False | (_, Some []) => False | _ => True end.
(* Reading a printed token gives the token: bars and commas inside systems and codes keep their place. *)
Theorem token_roundtrip t : tokenWf t -> tokenOf (printToken t) = t.
Proof.
  destruct t as [[s|] [c|]]; simpl; intros H; try tauto; unfold tokenOf.
  - rewrite splitBar_clean by now apply clean_escape. simpl. rewrite !unescape_escape. destruct c; [tauto|auto].
  - rewrite splitBar_clean by now apply clean_escape. simpl. now rewrite unescape_escape.
  - rewrite splitBar_none by now apply clean_escape. now rewrite unescape_escape.
Qed.
Lemma printToken_clean t : clean comma (printToken t).
Proof.
  destruct t as [[s|] [c|]]; simpl; auto; try (apply clean_app); try (apply clean_escape; reflexivity);
    simpl; (split; [discriminate|]); auto; now apply clean_escape.
Qed.

(* Percent-encoding. *)
Definition hex (n : nat) : nat := if n <? 10 then 48 + n else 55 + n.
Definition unhex (c : nat) : option nat :=
  if (48 <=? c) && (c <=? 57) then Some (c - 48)
  else if (65 <=? c) && (c <=? 70) then Some (c - 55)
  else if (97 <=? c) && (c <=? 102) then Some (c - 87) else None.
(* Characters that are printed as they are: those of a scope token without percent, ampersand, plus, equals. *)
Definition plain (c : nat) : bool :=
  (c =? 33) || (c =? 36) || ((39 <=? c) && (c <=? 42)) || ((44 <=? c) && (c <=? 60)) || ((62 <=? c) && (c <=? 91))
  || ((93 <=? c) && (c <=? 126)).
Definition encode (s : text) : text :=
  flat_map (fun c => if plain c then [c] else [percent; hex (c / 16); hex (c mod 16)]) s.
Fixpoint decode (s : text) : option text :=
  match s with
  | [] => Some []
  | c :: r =>
    if c =? percent then match r with
    | h :: l :: r' => match unhex h, unhex l, decode r' with
        | Some a, Some b, Some t => Some (16 * a + b :: t) | _, _, _ => None end
    | _ => None
    end else option_map (cons c) (decode r)
  end.
Definition bytes (s : text) : Prop := Forall (fun c => c < 256) s.

Lemma unhex_hex n : n < 16 -> unhex (hex n) = Some n.
Proof. intros H. do 16 (destruct n as [|n]; [reflexivity|]). lia. Qed.
Lemma decode_encode_app s rest : bytes s -> decode (encode s ++ rest) = option_map (app s) (decode rest).
Proof.
  induction 1 as [|c s H B IH]; [simpl; destruct (decode rest); reflexivity|].
  cbv beta in H. cbn [encode flat_map]. fold (encode s). rewrite <- app_assoc. destruct (plain c) eqn:P.
  - simpl. destruct (c =? percent) eqn:E; [apply Nat.eqb_eq in E as ->; discriminate|].
    rewrite IH. destruct (decode rest); reflexivity.
  - change (([percent; hex (c / 16); hex (c mod 16)] ++ encode s ++ rest))
      with (percent :: hex (c / 16) :: hex (c mod 16) :: (encode s ++ rest)).
    cbn [decode]. rewrite Nat.eqb_refl.
    rewrite !unhex_hex by first [apply Nat.mod_upper_bound; lia|apply Nat.div_lt_upper_bound; lia].
    rewrite IH. destruct (decode rest); simpl; auto. f_equal. f_equal. symmetry. apply (Nat.div_mod c 16). lia.
Qed.
(* Decoding what was percent-encoded gives the same bytes. *)
Theorem decode_encode s : bytes s -> decode (encode s) = Some s.
Proof. intros B. rewrite <- (app_nil_r (encode s)), decode_encode_app by auto. simpl. now rewrite app_nil_r. Qed.

Lemma hex_range n : n < 16 -> 48 <= hex n <= 57 \/ 65 <= hex n <= 70.
Proof. intros H. unfold hex. destruct (n <? 10) eqn:E; [apply Nat.ltb_lt in E|apply Nat.ltb_ge in E]; lia. Qed.
Lemma encode_without c s : bytes s -> plain c = false -> c <> percent ->
  ~ (48 <= c <= 57) -> ~ (65 <= c <= 70) -> ~ In c (encode s).
Proof.
  intros B P NP N9 NF I. unfold encode in I. apply in_flat_map in I as [d [D I]].
  unfold bytes in B. rewrite Forall_forall in B. apply B in D. destruct (plain d) eqn:E.
  - destruct I as [<-|[]]. congruence.
  - destruct I as [<-|[<-|[<-|[]]]]; [congruence| |].
    + destruct (hex_range (d / 16)); [apply Nat.div_lt_upper_bound; lia|tauto|tauto].
    + destruct (hex_range (d mod 16)); [apply Nat.mod_upper_bound; lia|tauto|tauto].
Qed.

(* Splits at every occurrence of a character, without escapes: the ampersands of a query. *)
Fixpoint splitRaw (sep : nat) (current s : text) : list text :=
  match s with
  | [] => [rev current]
  | c :: r => if c =? sep then rev current :: splitRaw sep [] r else splitRaw sep (c :: current) r
  end.
(* The text before and after the first occurrence of a character: the equals sign of a clause. *)
Fixpoint splitFirst (sep : nat) (before s : text) : option (text * text) :=
  match s with
  | [] => None
  | c :: r => if c =? sep then Some (rev before, r) else splitFirst sep (c :: before) r
  end.
Lemma splitRaw_app sep current s rest : ~ In sep s ->
  splitRaw sep current (s ++ sep :: rest) = (rev current ++ s) :: splitRaw sep [] rest.
Proof.
  revert current; induction s as [|c s IH]; intros current N; simpl.
  - rewrite Nat.eqb_refl. now rewrite app_nil_r.
  - destruct (c =? sep) eqn:E; [apply Nat.eqb_eq in E as ->; exfalso; apply N; simpl; auto|].
    rewrite IH by (intros I; apply N; simpl; auto). simpl. now rewrite <- app_assoc.
Qed.
Lemma splitRaw_last sep current s : ~ In sep s -> splitRaw sep current s = [rev current ++ s].
Proof.
  revert current; induction s as [|c s IH]; intros current N; simpl; [now rewrite app_nil_r|].
  destruct (c =? sep) eqn:E; [apply Nat.eqb_eq in E as ->; exfalso; apply N; simpl; auto|].
  rewrite IH by (intros I; apply N; simpl; auto). simpl. now rewrite <- app_assoc.
Qed.
Lemma splitFirst_app sep before s rest : ~ In sep s -> splitFirst sep before (s ++ sep :: rest) = Some (rev before ++ s, rest).
Proof.
  revert before; induction s as [|c s IH]; intros before N; simpl.
  - rewrite Nat.eqb_refl. now rewrite app_nil_r.
  - destruct (c =? sep) eqn:E; [apply Nat.eqb_eq in E as ->; exfalso; apply N; simpl; auto|].
    rewrite IH by (intros I; apply N; simpl; auto). simpl. now rewrite <- app_assoc.
Qed.

(* A clause: a name and values that carry FHIR's escapes. *)
Definition clauseText : Type := text * list text.
Definition printClause (c : clauseText) : text := encode (fst c) ++ equals :: join comma (map encode (snd c)).
Definition readClause (s : text) : option clauseText :=
  match splitFirst equals [] s with
  | None => None
  | Some (name, value) => match decode name, decode value with
      | Some n, Some v => Some (n, commaList v) | _, _ => None end
  end.
Definition clauseWf (c : clauseText) : Prop :=
  bytes (fst c) /\ snd c <> [] /\ forall v, In v (snd c) -> bytes v /\ clean comma v.

Lemma decode_join vs : (forall v, In v vs -> bytes v) -> decode (join comma (map encode vs)) = Some (join comma vs).
Proof.
  induction vs as [|v [|w vs] IH]; intros B; [reflexivity| |].
  - simpl. apply decode_encode, B; simpl; auto.
  - cbn [map]. rewrite !join_cons, decode_encode_app by (apply B; simpl; auto).
    change (encode w :: map encode vs) with (map encode (w :: vs)).
    change (decode (comma :: ?s)) with (option_map (cons comma) (decode s)). rewrite IH by (intros; apply B; simpl in *; auto).
    reflexivity.
Qed.
(* Reading a printed clause gives the clause, whatever bytes its name and values hold. *)
Theorem clause_roundtrip c : clauseWf c -> readClause (printClause c) = Some c.
Proof.
  destruct c as [n vs]. intros [B [N V]]. unfold readClause, printClause. simpl in *.
  rewrite splitFirst_app by (apply encode_without; auto; unfold equals, percent; try lia; reflexivity). simpl.
  rewrite decode_encode, decode_join, commaList_join by (auto; intros; now apply V). reflexivity.
Qed.

Definition printQuery (cs : list clauseText) : text := join ampersand (map printClause cs).
Fixpoint all {A} (l : list (option A)) : option (list A) :=
  match l with [] => Some [] | x :: l => match x, all l with Some a, Some r => Some (a :: r) | _, _ => None end end.
Definition readQuery (s : text) : option (list clauseText) := all (map readClause (splitRaw ampersand [] s)).
Lemma join_without c sep vs : c <> sep -> (forall v, In v vs -> ~ In c v) -> ~ In c (join sep vs).
Proof.
  intros D. induction vs as [|v [|w vs] IH]; intros N; [simpl; auto|simpl; apply N; simpl; auto|].
  rewrite join_cons, in_app_iff. intros [I|[I|I]]; [eapply N; [|exact I]; simpl; auto|congruence|].
  revert I. apply IH. intros; apply N; simpl in *; auto.
Qed.
Lemma printClause_without c : clauseWf c -> ~ In ampersand (printClause c).
Proof.
  destruct c as [n vs]. intros [B [N V]] I. unfold printClause in I. simpl in *. apply in_app_iff in I as [I|[I|I]].
  - revert I. apply encode_without; auto; unfold ampersand, percent; try lia; reflexivity.
  - discriminate.
  - revert I. apply join_without; [discriminate|]. intros v J. apply in_map_iff in J as [w [<- J]].
    apply encode_without; try apply V; auto; unfold ampersand, percent; try lia; reflexivity.
Qed.
(* Reading a printed query gives its clauses: an encoded ampersand, comma, equals sign or blank never makes a second
   clause or value. *)
Theorem query_roundtrip cs : cs <> [] -> (forall c, In c cs -> clauseWf c) -> readQuery (printQuery cs) = Some cs.
Proof.
  intros N H. unfold readQuery, printQuery. induction cs as [|c [|d cs] IH]; [contradiction| |].
  - simpl. rewrite splitRaw_last by (apply printClause_without, H; simpl; auto). simpl.
    rewrite clause_roundtrip by (apply H; simpl; auto). reflexivity.
  - cbn [map]. rewrite join_cons, splitRaw_app by (apply printClause_without, H; simpl; auto).
    change (printClause d :: map printClause cs) with (map printClause (d :: cs)). change (rev [] ++ printClause c) with (printClause c).
    change (all (map readClause (printClause c :: ?l))) with
      (match readClause (printClause c), all (map readClause l) with Some a, Some r => Some (a :: r) | _, _ => None end).
    rewrite clause_roundtrip by (apply H; simpl; auto). rewrite IH; [reflexivity|discriminate|].
    intros; apply H; simpl in *; auto.
Qed.
