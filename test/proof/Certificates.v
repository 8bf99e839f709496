(* Certificates: what a checker accepts is true, and for every yes there is a certificate that it accepts.
   The checkers in test/support/checkers have these definitions, by the same names. They also require that a certificate
   states the question and that an entry names its atom, which only makes them accept less. Reading scopes, folding
   included, is not part of this file: they do it in a file of its own. *)
Require Export Scopes.

(* A scope of a set: a resource scope, or one that permits only its own text (`openid`, a malformed scope). *)
Inductive element := Resource (s : scope) | Text (t : word).
Inductive use := Access (a : access) | OfText (t : word).

Section Certificates.
Context {W : World}.

Definition allows1 (e : element) (u : use) : bool :=
  match e, u with Resource s, Access a => permits1 s a | Text t, OfText t' => t =? t' | _, _ => false end.
Definition allows (G : list element) (u : use) : bool := existsb (fun e => allows1 e u) G.
Definition scopesIn (G : list element) : list scope :=
  flat_map (fun e => match e with Resource s => [s] | Text _ => [] end) G.

(* Which queried value covers which. No instance and no fresh word is needed. *)
Definition covers (v w : qval) : bool :=
  match v, w with
  | QSysCode s c, QSysCode s' c' => (s =? s') && (c =? c')
  | QCode c, QSysCode _ c' | QCode c, QCode c' | QCode c, QNoSys c' => c =? c'
  | QNoSys c, QNoSys c' => c =? c'
  | QSys s, QSysCode s' _ | QSys s, QSys s' => s =? s'
  | QBar, QNoSys _ | QBar, QBar => true
  | QRef t i, QRef t' i' => (t =? t') && (i =? i')
  | QId i, QRef _ i' | QId i, QId i' => i =? i'
  | QUrl u, QUrl u' => u =? u'
  | QUri u, QUri u' => u =? u'
  | QPrefix p, QPrefix p' | QPrefix p, QExact p' => prefixb (fold p) (fold p')
  | QExact s, QExact s' => listb s s'
  | _, _ => false
  end.

(* An entry names the granted scope and, for each of its clauses, one of its values and a clause of the request. *)
Inductive entry := CoveredBy (granted : nat) (by_ : list (nat * nat)) | SameText (granted : nat).

Definition clauseCovers (c : clause) (v : nat) (ds : list demand) (k : nat) : bool :=
  match c, nth_error ds k with
  | Interp p vs, Some (DV p' w) => (p =? p') && match nth_error vs v with Some x => covers x w | None => false end
  | Opaque t, Some (DO t') => (v =? 0) && (t =? t')
  | _, _ => false
  end.
Fixpoint queryCovers (q : list clause) (ds : list demand) (by_ : list (nat * nat)) : bool :=
  match q, by_ with
  | [], [] => true
  | c :: q, (v, k) :: by_ => clauseCovers c v ds k && queryCovers q ds by_
  | _, _ => false
  end.
Definition typeCovers (g r : option word) : bool :=
  match g, r with None, _ => true | Some t, Some t' => t =? t' | Some _, None => false end.
Definition scopeCovers (g : scope) (a : atom) (by_ : list (nat * nat)) : bool :=
  includes (lvl g) (atLvl a) && typeCovers (ty g) (atTy a) && existsb (Nat.eqb (atPerm a)) (perms g)
  && queryCovers (query g) (atDs a) by_.

(* All that must be covered. It is made from the request, not from the certificate. *)
Inductive want := WantAtom (a : atom) | WantText (t : word).
Definition wanted (R : list element) : list want :=
  flat_map (fun e => match e with Resource s => map WantAtom (atomsOf s) | Text t => [WantText t] end) R.
Definition covered (G : list element) (w : want) (e : entry) : bool :=
  match w, e with
  | WantAtom a, CoveredBy n by_ => match nth_error G n with Some (Resource g) => scopeCovers g a by_ | _ => false end
  | WantText t, SameText n => match nth_error G n with Some (Text t') => t =? t' | _ => false end
  | _, _ => false
  end.
Fixpoint all2 {A B} (f : A -> B -> bool) (l : list A) (m : list B) : bool :=
  match l, m with [], [] => true | a :: l, b :: m => f a b && all2 f l m | _, _ => false end.
Definition check (G R : list element) (certificate : list entry) : bool := all2 (covered G) (wanted R) certificate.

Ltac eqs := repeat rewrite ?andb_true_iff, ?Nat.eqb_eq in *; repeat match goal with H : _ /\ _ |- _ => destruct H end.

(* An index value as a queried value that leaves nothing open. *)
Definition asQuery (i : ival) : qval :=
  match i with
  | Tok (Some s) c => QSysCode s c | Tok None c => QNoSys c | Ref t i => QRef t i | RefUrl u => QUrl u | Uri u => QUri u
  | Str s => QExact s
  end.
(* So a checker needs one comparison: a value matches an index value when it covers the same value in a query. *)
Theorem matches_covers v i : matches v i = covers v (asQuery i).
Proof. destruct v, i as [[sy|] co|ty' id'|u'|u'|st]; reflexivity. Qed.

(* A value that covers another by the rules of the checker matches everything that the other matches. *)
Theorem covers_sound v w i : covers v w = true -> matches w i = true -> matches v i = true.
Proof.
  intros H Hw. destruct v, w; simpl in H; try discriminate H; destruct i as [[sy|] co|ty' id'|u'|u'|st]; simpl in *;
    try discriminate Hw; eqs; subst; rewrite ?Nat.eqb_refl; auto.
  - eapply prefixb_trans; eauto.
  - apply listb_eq in Hw. now subst.
  - apply listb_eq in H, Hw. subst. now apply listb_eq.
Qed.

(* The rules of the checker miss nothing: they are equivalent to matching the generic instance. *)
Theorem covers_complete F v w : Quiet F -> ~ In F (wordsOf v) -> matches v (inst F w) = true -> covers v w = true.
Proof.
  intros Q N H. destruct v, w; simpl in H, N |- *; try discriminate H; eqs; subst; rewrite ?Nat.eqb_refl; auto;
    try (exfalso; tauto).
  - rewrite Q in H. now apply prefixb_snoc in H.
  - apply listb_eq in H. subst. exfalso; apply N, in_or_app; simpl; auto.
Qed.

Lemma queryCovers_sound q ds by_ r : queryCovers q ds by_ = true -> (forall d, In d ds -> demandOk r d = true) ->
  forallb (clauseOk r) q = true.
Proof.
  revert by_; induction q as [|c q IH]; intros [|[v k] by_] H A; simpl in *; try discriminate; auto.
  apply andb_true_iff in H as [H T]. apply andb_true_iff. split; [|eauto].
  unfold clauseCovers in H. destruct c as [p vs|t]; destruct (nth_error ds k) as [[p' w|t']|] eqn:E; try discriminate;
    apply nth_error_In, A in E; simpl in E |- *.
  - apply andb_true_iff in H as [P H]. apply Nat.eqb_eq in P. subst p'.
    destruct (nth_error vs v) as [x|] eqn:V; [|discriminate]. apply nth_error_In in V.
    apply existsb_exists in E as [i [I M]]. apply existsb_exists. exists x; split; auto.
    apply existsb_exists. exists i; split; auto. eapply covers_sound; eauto.
  - apply andb_true_iff in H as [_ H]. apply Nat.eqb_eq in H. now subst.
Qed.

Lemma scopeCovers_sound g a by_ x : scopeCovers g a by_ = true -> atomOk a x -> permits1 g x = true.
Proof.
  unfold scopeCovers. rewrite !andb_true_iff. intros [[[L T] P] Q] [L' [T' [E A]]]. apply permits1_iff.
  apply existsb_exists in P as [p [P P']]. apply Nat.eqb_eq in P'. subst p. rewrite E.
  repeat split; eauto using includes_trans, queryCovers_sound.
  destruct (ty g) as [t|], (atTy a) as [t'|]; simpl in *; auto; try discriminate.
  apply Nat.eqb_eq in T, T'. subst. apply Nat.eqb_refl.
Qed.

Lemma all2_left {A B} (f : A -> B -> bool) l m a : all2 f l m = true -> In a l -> exists b, f a b = true.
Proof.
  revert m; induction l as [|x l IH]; intros [|y m] H I; simpl in *; try discriminate; [destruct I|].
  apply andb_true_iff in H as [H T]. destruct I as [->|I]; eauto.
Qed.

(* What a checker accepts is true, for every meaning of the clauses that are not interpreted. *)
Theorem check_sound G R certificate : check G R certificate = true ->
  forall u, allows R u = true -> allows G u = true.
Proof.
  intros C u P. apply existsb_exists in P as [e [I P]]. unfold check in C.
  assert (forall w, In w (wanted R) -> exists b, covered G w b = true) as H by (intros; eapply all2_left; eauto).
  destruct e as [s|t], u as [x|t']; simpl in P; try discriminate.
  - apply permits_atoms in P as [a [Ia O]]. destruct (H (WantAtom a)) as [b B].
    { apply in_flat_map. exists (Resource s); split; auto. simpl. now apply in_map. }
    simpl in B. destruct b as [n by_|]; [|discriminate]. destruct (nth_error G n) as [[g|]|] eqn:E; try discriminate.
    apply existsb_exists. exists (Resource g); split; [eapply nth_error_In; eauto|]. simpl.
    eapply scopeCovers_sound; eauto.
  - apply Nat.eqb_eq in P. subst t'. destruct (H (WantText t)) as [b B].
    { apply in_flat_map. exists (Text t); split; simpl; auto. }
    simpl in B. destruct b as [|n]; [discriminate|]. destruct (nth_error G n) as [[|t']|] eqn:E; try discriminate.
    apply existsb_exists. exists (Text t'); split; [eapply nth_error_In; eauto|]. simpl.
    apply Nat.eqb_eq in B. subst. apply Nat.eqb_refl.
Qed.

Lemma scopesIn_iff G s : In s (scopesIn G) <-> In (Resource s) G.
Proof.
  unfold scopesIn. rewrite in_flat_map. split.
  - intros [[g|t] [I H]]; simpl in H; [destruct H as [->|[]]; auto|destruct H].
  - intros I. exists (Resource s); simpl; auto.
Qed.
Lemma allows_access G a : allows G (Access a) = permits (scopesIn G) a.
Proof.
  apply eq_true_iff_eq. rewrite permits_iff. unfold allows. rewrite existsb_exists. split.
  - intros [[g|t] [I P]]; simpl in P; [|discriminate]. exists g; split; auto. now apply scopesIn_iff.
  - intros [g [I P]]. exists (Resource g); split; auto. now apply scopesIn_iff.
Qed.

(* A checker accepts only what the proved procedure answers with yes. *)
Theorem check_subsumes G R certificate : check G R certificate = true -> subsumes (scopesIn G) (scopesIn R) = true.
Proof. intros C. apply subsumes_correct. intros a. rewrite <- !allows_access. now apply check_sound with certificate. Qed.

Lemma queryCovers_complete F q ds : Quiet F -> ~ In F (flat_map clauseWords q) ->
  forallb (clauseOk (canon F ds)) q = true -> exists by_, queryCovers q ds by_ = true.
Proof.
  intros Q. induction q as [|c q IH]; simpl; intros N H; [exists []; auto|].
  apply andb_true_iff in H as [C H]. destruct IH as [by_ B]; auto. { intro; apply N, in_or_app; auto. }
  assert (exists v k, clauseCovers c v ds k = true) as [v [k K]]; [|exists ((v, k) :: by_); simpl; now rewrite K].
  destruct c as [p vs|t]; simpl in C, N.
  - apply existsb_exists in C as [x [V C]]. apply existsb_exists in C as [i [I M]].
    apply in_flat_map in I as [d [D I]]. destruct d as [p' w|]; [|destruct I].
    destruct (p' =? p) eqn:E; [|destruct I]. apply Nat.eqb_eq in E. subst p'. destruct I as [<-|[]].
    apply In_nth_error in V as [v V], D as [k D]. exists v, k. unfold clauseCovers. rewrite D, V, Nat.eqb_refl. simpl.
    eapply covers_complete; eauto. intro X; apply N, in_or_app; left. apply in_flat_map. exists x; split; auto.
    eapply nth_error_In; eauto.
  - apply existsb_exists in C as [d [D E]]. destruct d as [|t']; [discriminate|]. apply Nat.eqb_eq in E. subst t'.
    apply In_nth_error in D as [k D]. exists 0, k. unfold clauseCovers. rewrite D, !Nat.eqb_refl. auto.
Qed.

Lemma all2_exists {A B} (f : A -> B -> bool) l : (forall a, In a l -> exists b, f a b = true) ->
  exists m, all2 f l m = true.
Proof.
  induction l as [|a l IH]; intros H; [exists []; auto|]. destruct IH as [m M]; [intros; apply H; simpl; auto|].
  destruct (H a) as [b B0]; simpl; auto. exists (b :: m). simpl. now rewrite B0.
Qed.

(* Every yes has a certificate. *)
Theorem check_complete G R : (forall u, allows R u = true -> allows G u = true) ->
  exists certificate, check G R certificate = true.
Proof.
  intros H. apply all2_exists. intros w I. apply in_flat_map in I as [e [Ie I]]. destruct e as [s|t]; simpl in I.
  - apply in_map_iff in I as [a [<- Ia]]. set (F := freshFor (scopesIn G)).
    assert (allows G (Access (canonAccess F a)) = true) as P.
    { apply H. rewrite allows_access. apply permits_iff. exists s; split; [now apply scopesIn_iff|].
      apply permits_atoms. exists a; split; auto. apply atomOk_canon, freshFor_quiet. }
    rewrite allows_access in P. apply permits_iff in P as [g [Ig P]].
    pose proof (freshFor_not_in _ _ Ig) as N. fold F in N. unfold scopeWords in N.
    apply permits1_iff in P as [L [T [Pm Q]]]. simpl in L, T, Pm, Q.
    destruct (queryCovers_complete F (query g) (atDs a) (freshFor_quiet _)) as [by_ B]; auto.
    { intro X. apply N, in_or_app; auto. }
    apply scopesIn_iff, In_nth_error in Ig as [n Ig]. exists (CoveredBy n by_). simpl. rewrite Ig. unfold scopeCovers.
    rewrite L, B, andb_true_r. simpl. apply andb_true_iff. split.
    + destruct (ty g) as [tg|]; simpl; auto. destruct (atTy a) as [t|]; simpl in *; auto.
      apply Nat.eqb_eq in T. exfalso; apply N; auto.
    + apply existsb_exists. exists (atPerm a). now rewrite Nat.eqb_refl.
  - destruct I as [<-|[]]. assert (allows G (OfText t) = true) as P.
    { apply H. apply existsb_exists. exists (Text t); split; auto. simpl. apply Nat.eqb_refl. }
    apply existsb_exists in P as [[g|t'] [I P]]; simpl in P; [discriminate|]. apply Nat.eqb_eq in P. subst t'.
    apply In_nth_error in I as [n I]. exists (SameText n). simpl. rewrite I. apply Nat.eqb_refl.
Qed.

(* The access of a no refutes every yes. *)
Theorem access_refutes G R u certificate : allows R u = true -> allows G u = false -> check G R certificate = false.
Proof.
  intros HR HG. destruct (check G R certificate) eqn:C; auto. rewrite (check_sound _ _ _ C _ HR) in HG. discriminate.
Qed.
End Certificates.
