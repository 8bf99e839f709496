(* Queried values, indexed values, and which queried value matches which indexed value.
   Words stand for codes, systems, ids, addresses, type names and characters: only equality and freshness matter. *)
From Coq Require Export List Arith Bool PeanoNat Lia.
Export ListNotations.

Definition word := nat.

Inductive level := Patient | User | System.
Definition level_eqb (a b : level) : bool :=
  match a, b with Patient, Patient | User, User | System, System => true | _, _ => false end.

(* What a caller chooses. Case and accents are ignored in any way that is idempotent. There are characters beyond every
   bound that folding leaves alone. The order of the levels is any preorder. *)
Class World := {
  fold : list word -> list word;
  freshFrom : word -> word;
  includes : level -> level -> bool;
  fresh_ge : forall n, n <= freshFrom n;
  fresh_fold : forall n p, fold (p ++ [freshFrom n]) = fold p ++ [freshFrom n];
  fold_idem : forall p, fold (fold p) = fold p;
  includes_refl : forall l, includes l l = true;
  includes_trans : forall a b c, includes a b = true -> includes b c = true -> includes a c = true
}.

(* What indexing extracts from a resource. *)
Inductive ival :=
| Tok (sys : option word) (code : word) | Ref (ty id : word) | RefUrl (u : word) | Uri (u : word) | Str (s : list word).

(* What a query requires: system|code, code, |code, system|, a bare bar, Type/id, id, an address, a uri, the beginning
   of a string, a whole string. *)
Inductive qval :=
| QSysCode (s c : word) | QCode (c : word) | QNoSys (c : word) | QSys (s : word) | QBar
| QRef (t i : word) | QId (i : word) | QUrl (u : word) | QUri (u : word)
| QPrefix (p : list word) | QExact (s : list word).

Fixpoint prefixb (p s : list word) : bool :=
  match p, s with [], _ => true | _, [] => false | a :: p, b :: s => (a =? b) && prefixb p s end.
Definition listb (a b : list word) : bool := if list_eq_dec Nat.eq_dec a b then true else false.
Lemma listb_eq a b : listb a b = true <-> a = b.
Proof. unfold listb. destruct (list_eq_dec Nat.eq_dec a b); split; congruence. Qed.
Lemma level_eqb_eq a b : level_eqb a b = true <-> a = b.
Proof. destruct a, b; simpl; split; congruence. Qed.

Section Values.
Context {W : World}.

Definition matches (q : qval) (i : ival) : bool :=
  match q, i with
  | QSysCode s c, Tok (Some s') c' => (s =? s') && (c =? c')
  | QCode c, Tok _ c' => c =? c'
  | QNoSys c, Tok None c' => c =? c'
  | QSys s, Tok (Some s') _ => s =? s'
  | QBar, Tok None _ => true
  | QRef t i, Ref t' i' => (t =? t') && (i =? i')
  | QId i, Ref _ i' => i =? i'
  | QUrl u, RefUrl u' => u =? u'
  | QUri u, Uri u' => u =? u'
  | QPrefix p, Str s => prefixb (fold p) (fold s)
  | QExact s, Str s' => listb s s'
  | _, _ => false
  end.

Definition wordsOf (q : qval) : list word :=
  match q with
  | QSysCode s c => [s; c] | QCode c => [c] | QNoSys c => [c] | QSys s => [s] | QBar => []
  | QRef t i => [t; i] | QId i => [i] | QUrl u => [u] | QUri u => [u] | QPrefix p => fold p | QExact s => s
  end.

(* The generic instance: the weakest index value that a queried value requires. F stands where anything may stand. *)
Definition inst (F : word) (q : qval) : ival :=
  match q with
  | QSysCode s c => Tok (Some s) c | QCode c => Tok (Some F) c | QNoSys c => Tok None c | QSys s => Tok (Some s) F
  | QBar => Tok None F
  | QRef t i => Ref t i | QId i => Ref F i | QUrl u => RefUrl u | QUri u => Uri u
  | QPrefix p => Str (p ++ [F]) | QExact s => Str s
  end.

Lemma prefixb_app p q : prefixb p (p ++ q) = true.
Proof. induction p; simpl; rewrite ?Nat.eqb_refl; auto. Qed.

Lemma prefixb_trans a b c : prefixb a b = true -> prefixb b c = true -> prefixb a c = true.
Proof.
  revert b c; induction a; intros [|y b] [|z c]; simpl; try discriminate; auto.
  rewrite !andb_true_iff, !Nat.eqb_eq. intros [-> H1] [-> H2]. split; eauto.
Qed.

Lemma prefixb_antisym a b : prefixb a b = true -> prefixb b a = true -> a = b.
Proof.
  revert b; induction a; intros [|y b]; simpl; try discriminate; auto.
  rewrite !andb_true_iff, !Nat.eqb_eq. intros [-> H1] [_ H2]. f_equal; eauto.
Qed.

Lemma prefixb_snoc q p F : ~ In F q -> prefixb q (p ++ [F]) = true -> prefixb q p = true.
Proof.
  revert p; induction q as [|a q IH]; simpl; auto. intros [|b p] N; simpl.
  - rewrite andb_true_iff, Nat.eqb_eq. intros [-> _]. exfalso; auto.
  - rewrite !andb_true_iff. intros [E H]; split; auto.
Qed.

(* Folding leaves F alone at the end of a text. *)
Definition Quiet F := forall p, fold (p ++ [F]) = fold p ++ [F].

Lemma inst_ok F q : Quiet F -> matches q (inst F q) = true.
Proof.
  intros HF. destruct q; simpl; rewrite ?Nat.eqb_refl; auto.
  - rewrite HF. apply prefixb_app.
  - now apply listb_eq.
Qed.

Ltac eqs := repeat rewrite ?andb_true_iff, ?Nat.eqb_eq in *; repeat match goal with H : _ /\ _ |- _ => destruct H end.

(* What matches the generic instance of w matches everything that w matches. *)
Lemma generic F v w i : Quiet F -> ~ In F (wordsOf v) ->
  matches v (inst F w) = true -> matches w i = true -> matches v i = true.
Proof.
  intros HF N H Hw.
  destruct w, i as [[sy|] co|ty' id'|u'|u'|st]; simpl in Hw; try discriminate Hw;
    destruct v; simpl in H |- *; try discriminate H; eqs; subst; simpl in N; auto; try (exfalso; tauto).
  - rewrite HF in H. apply prefixb_snoc in H; [eapply prefixb_trans; eauto|auto].
  - apply listb_eq in H. subst. exfalso; apply N, in_or_app; simpl; auto.
  - apply listb_eq in Hw. now subst.
  - apply listb_eq in H, Hw. subst. now apply listb_eq.
Qed.

(* One queried value covers another exactly when it matches the other's generic instance. *)
Theorem covers_correct F v w : Quiet F -> ~ In F (wordsOf v) ->
  matches v (inst F w) = true <-> forall i, matches w i = true -> matches v i = true.
Proof. intros HF N; split; [intros H i; now apply generic with (F := F)|]. intros H; apply H; now apply inst_ok. Qed.
End Values.
