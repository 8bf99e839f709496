(* The compiled index answers as the definition does. *)
Require Export Normalize.

(* Keys of queried values, and the keys under which an index value is looked up. A prefix is found among the queried
   ones. *)
Inductive vkey :=
| KCode (c : word) | KSystem (s : option word) | KToken (s : option word) (c : word)
| KId (i : word) | KRef (t i : word) | KUrl (u : word) | KUri (u : word) | KPrefix (p : list word) | KText (s : list word).
Definition vkey_dec (a b : vkey) : {a = b} + {a <> b}.
Proof. decide equality; try apply Nat.eq_dec; try apply list_eq_dec; try apply Nat.eq_dec; decide equality; apply Nat.eq_dec. Defined.
Definition vkeyb (a b : vkey) : bool := if vkey_dec a b then true else false.
Lemma vkeyb_eq a b : vkeyb a b = true <-> a = b.
Proof. unfold vkeyb. destruct (vkey_dec a b); split; congruence. Qed.

(* Texts are sorted, so the prefixes of a text are prefixes of its nearest neighbor: the last text that is not greater. *)
Definition leb (a b : list word) : bool := match lexc a b with Gt => false | _ => true end.
Fixpoint commonLength (a b : list word) : nat :=
  match a, b with x :: a, y :: b => if x =? y then S (commonLength a b) else 0 | _, _ => 0 end.
Definition nearest (sorted : list (list word)) (text : list word) : option (list word) :=
  fold_left (fun found p => if leb p text then Some p else found) sorted None.
Definition beginnings (sorted : list (list word)) (text : list word) : list (list word) :=
  match nearest sorted text with
  | None => []
  | Some n => filter (fun p => prefixb p n && (length p <=? commonLength n text)) sorted
  end.

Lemma prefixb_leb p t : prefixb p t = true -> leb p t = true.
Proof.
  unfold leb. revert t; induction p as [|x p IH]; intros [|y t]; simpl; auto; try discriminate.
  rewrite andb_true_iff, Nat.eqb_eq. intros [-> H]. rewrite Nat.compare_refl. auto.
Qed.
Lemma between p n t : prefixb p t = true -> leb p n = true -> leb n t = true ->
  prefixb p n = true /\ length p <= commonLength n t.
Proof.
  unfold leb. revert n t; induction p as [|x p IH]; intros n t; simpl; [split; auto; lia|].
  destruct t as [|y t]; [discriminate|]. rewrite andb_true_iff, Nat.eqb_eq. intros [-> H].
  destruct n as [|z n]; simpl; [discriminate|].
  destruct (Nat.compare_spec y z) as [->|L|L]; try discriminate.
  - rewrite Nat.compare_refl, Nat.eqb_refl. intros A B. destruct (IH n t H A B). simpl. split; auto; lia.
  - intros _. destruct (Nat.compare_spec z y); try lia; discriminate.
Qed.
Lemma prefix_common p n t : prefixb p n = true -> length p <= commonLength n t -> prefixb p t = true.
Proof.
  revert n t; induction p as [|x p IH]; intros [|z n] [|y t]; simpl; auto; try discriminate; try lia.
  rewrite !andb_true_iff, !Nat.eqb_eq. intros [-> H]. destruct (z =? y) eqn:E; [|intros L; lia]. apply Nat.eqb_eq in E as ->.
    intros L. split; auto. eapply IH; eauto. lia.
Qed.
Lemma leb_trans a b c : leb a b = true -> leb b c = true -> leb a c = true.
Proof.
  unfold leb. destruct (lexc a b) eqn:E, (lexc b c) eqn:F; try discriminate; intros _ _.
  - apply lexc_eq in E as ->. now rewrite F.
  - apply lexc_eq in E as ->. now rewrite F.
  - apply lexc_eq in F as <-. now rewrite E.
  - now rewrite (lexc_trans _ _ _ E F).
Qed.
Definition ltl := lt (fun t : list word => t).
Lemma nearest_spec sorted t : StronglySorted ltl sorted ->
  match nearest sorted t with
  | None => forall p, In p sorted -> leb p t = false
  | Some n => In n sorted /\ leb n t = true /\ forall p, In p sorted -> leb p t = true -> leb p n = true
  end.
Proof.
  unfold nearest. intros S.
  assert (forall l found, StronglySorted ltl l ->
    (forall n, found = Some n -> leb n t = true /\ forall p, In p l -> ltl n p) ->
    match fold_left (fun found p => if leb p t then Some p else found) l found with
    | None => found = None /\ forall p, In p l -> leb p t = false
    | Some n => (found = Some n \/ In n l) /\ leb n t = true /\ (forall p, In p l -> leb p t = true -> leb p n = true) /\
                forall m, found = Some m -> leb m n = true
    end) as G.
  { clear. induction l as [|p l IH]; intros found S H; simpl.
    - destruct found as [n|]; [|split; auto; intros p []]. destruct (H n eq_refl).
      split; [auto|split; [auto|split; [intros p []|]]]. intros m [= <-]. unfold leb.
      assert (lexc n n = Eq) as -> by now apply lexc_eq. auto.
    - inversion S as [|? ? S' F]; subst. rewrite Forall_forall in F. destruct (leb p t) eqn:E.
      + specialize (IH (Some p) S'). destruct (fold_left _ l (Some p)) as [n|].
        * destruct IH as [I [L [M Q]]]; [intros n' [= <-]; auto|]. repeat split; auto.
          -- right. simpl. destruct I as [[= <-]|I]; auto.
          -- intros q [<-|I'] Hq; auto.
          -- intros m ->. destruct (H m eq_refl) as [_ K]. specialize (K p (or_introl eq_refl)).
             apply leb_trans with p; auto. unfold leb. unfold ltl, lt in K. now rewrite K.
        * destruct IH as [X _]; [intros n' [= <-]; auto|]. discriminate.
      + specialize (IH found S'). destruct (fold_left _ l found) as [n|].
        * destruct IH as [I [L [M Q]]]; [intros m ->; destruct (H m eq_refl); split; simpl in *; auto|].
          repeat split; auto; [simpl; tauto|]. intros q [<-|I'] Hq; auto. congruence.
        * destruct IH as [X Y]; [intros n ->; destruct (H n eq_refl); split; simpl in *; auto|].
          split; auto. intros q [<-|I']; auto. }
  specialize (G sorted None S). destruct (fold_left _ sorted None) as [n|].
  - destruct G as [I [L [M _]]]; [discriminate|]. repeat split; auto. destruct I; [discriminate|auto].
  - apply G. discriminate.
Qed.

(* The neighbor in the sorted order finds exactly the prefixes of a text. *)
Theorem beginnings_correct sorted t p : StronglySorted ltl sorted ->
  In p (beginnings sorted t) <-> In p sorted /\ prefixb p t = true.
Proof.
  intros S. unfold beginnings. pose proof (nearest_spec sorted t S) as N. destruct (nearest sorted t) as [n|].
  - destruct N as [I [L M]]. rewrite filter_In, andb_true_iff, Nat.leb_le. split.
    + intros [J [P C]]. split; auto. eapply prefix_common; eauto.
    + intros [J P]. split; auto. apply between; auto. apply M; auto. now apply prefixb_leb.
  - split; [intros []|]. intros [J P]. apply prefixb_leb in P. rewrite N in P; auto. discriminate.
Qed.

Section Index.
Context {W : World}.

Definition indexKey (v : qval) : vkey := match v with
  | QSysCode s c => KToken (Some s) c | QCode c => KCode c | QNoSys c => KToken None c | QSys s => KSystem (Some s)
  | QBar => KSystem None | QRef t i => KRef t i | QId i => KId i | QUrl u => KUrl u | QUri u => KUri u
  | QPrefix p => KPrefix (fold p) | QExact s => KText s end.
(* The prefixes that are queried anywhere, sorted. *)
Definition prefixesOf (vs : list qval) : list (list word) :=
  sortu (fun t => t) (flat_map (fun v => match v with QPrefix p => [fold p] | _ => [] end) vs).
Definition lookupKeys (prefixes : list (list word)) (i : ival) : list vkey := match i with
  | Tok s c => [KCode c; KSystem s; KToken s c]
  | Ref t i => [KId i; KRef t i]
  | RefUrl u => [KUrl u]
  | Uri u => [KUri u]
  | Str s => KText s :: map KPrefix (beginnings prefixes (fold s))
  end.

(* A queried value matches an index value exactly when its key is among the lookup keys. *)
Theorem lookup_correct vs v i : In v vs -> In (indexKey v) (lookupKeys (prefixesOf vs) i) <-> matches v i = true.
Proof.
  intros I. destruct v, i as [[sy|] co|ty' id'|u'|u'|st]; simpl;
    rewrite ?in_map_iff, ?andb_true_iff, ?Nat.eqb_eq; try (intuition congruence);
    try (split; [intros [E|[p' [E _]]]; discriminate|discriminate]).
  - split.
    + intros [E|[p' [[= <-] B]]]; [discriminate|]. apply beginnings_correct in B as [_ B]; auto.
      apply sortu_sorted. congruence.
    + intros P. right. exists (fold p). split; auto. apply beginnings_correct; [apply sortu_sorted; congruence|].
      split; auto. apply (sortu_in (fun t : list word => t) (fun x y E => E)). apply in_flat_map. exists (QPrefix p). simpl; auto.
  - rewrite listb_eq. split; [|intros ->; auto]. intros [E|[p' [E _]]]; congruence.
Qed.

(* A granted scope in the index: its conditions, and the one under whose keys it is found. *)
Definition keyed (ps : list (list word)) (r : resource) (p : word) : list vkey := flat_map (lookupKeys ps) (index r p).
Definition satisfied (ps : list (list word)) (r : resource) (c : clause) : bool := match c with
  | Interp p vs => existsb (fun v => existsb (vkeyb (indexKey v)) (keyed ps r p)) vs
  | Opaque t => opq r t end.
Definition queriedIn (G : list scope) : list qval :=
  flat_map (fun s => flat_map (fun c => match c with Interp _ vs => vs | Opaque _ => [] end) (query s)) G.

(* Which condition is the key of a query does not matter: any choice of one of its conditions will do. *)
Variable chosen : list clause -> clause.
Definition compiledPermits (G : list scope) (a : access) : bool :=
  let ps := prefixesOf (queriedIn G) in
  existsb (fun s => includes (lvl s) (alvl a) && tyOk (ty s) (aty a) && existsb (Nat.eqb (aperm a)) (perms s) &&
    match query s with
    | [] => true
    | q => satisfied ps (ares a) (chosen q) && ((length q =? 1) || forallb (satisfied ps (ares a)) q)
    end) G.

Lemma existsb_ext_in {A} (f g : A -> bool) l : (forall x, In x l -> f x = g x) -> existsb f l = existsb g l.
Proof. intros H. induction l; simpl; auto. rewrite H by (simpl; auto). f_equal. apply IHl. intros; apply H; simpl; auto. Qed.
Lemma satisfied_ok G s c r : In s G -> In c (query s) -> satisfied (prefixesOf (queriedIn G)) r c = clauseOk r c.
Proof.
  intros S C. destruct c as [p vs|t]; simpl; auto. apply existsb_ext_in. intros v V.
  assert (In v (queriedIn G)) as I.
  { apply in_flat_map. exists s; split; auto. apply in_flat_map. exists (Interp p vs). auto. }
  apply eq_true_iff_eq. rewrite !existsb_exists. unfold keyed. split.
  - intros [k [K E]]. apply vkeyb_eq in E as <-. apply in_flat_map in K as [i [Ii K]]. exists i; split; auto.
    now apply (lookup_correct _ v i I).
  - intros [i [Ii M]]. exists (indexKey v). split; [|now apply vkeyb_eq]. apply in_flat_map. exists i; split; auto.
    now apply lookup_correct.
Qed.

(* The compiled index gives the answers of the definition. *)
Theorem compiled_correct G a : (forall c q, In (chosen (c :: q)) (c :: q)) -> compiledPermits G a = permits G a.
Proof.
  intros chosen_in.
  apply existsb_ext_in. intros s S. unfold permits1. f_equal. destruct (query s) as [|c q] eqn:E; auto.
  pose proof (satisfied_ok G s) as H. rewrite E in H.
  assert (forallb (satisfied (prefixesOf (queriedIn G)) (ares a)) (c :: q) = forallb (clauseOk (ares a)) (c :: q)) as F.
  { clear - H S. revert H. generalize (c :: q). induction l as [|d l IH]; simpl; auto. intros H.
    rewrite H by (simpl; auto). f_equal. apply IH. intros; apply H; simpl; auto. }
  rewrite H by (auto using chosen_in). destruct (length (c :: q) =? 1) eqn:L.
  - apply Nat.eqb_eq in L. destruct q; [|discriminate]. destruct (chosen_in c []) as [<-|[]]. simpl. now rewrite !andb_true_r.
  - rewrite orb_false_l, F. destruct (forallb (clauseOk (ares a)) (c :: q)) eqn:X; [|apply andb_false_r].
    rewrite andb_true_r. rewrite forallb_forall in X. apply X, chosen_in.
Qed.
End Index.
