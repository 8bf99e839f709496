(* Sorted lists without repetitions, and the greatest elements of a finite preorder. *)
From Coq Require Export List Arith Bool PeanoNat Lia Sorted.
Export ListNotations.

Fixpoint lexc (a b : list nat) : comparison :=
  match a, b with
  | [], [] => Eq | [], _ => Lt | _, [] => Gt
  | x :: a, y :: b => match Nat.compare x y with Eq => lexc a b | c => c end
  end.
Lemma lexc_eq a b : lexc a b = Eq <-> a = b.
Proof.
  revert b; induction a as [|x a IH]; intros [|y b]; simpl; try (split; congruence).
  destruct (Nat.compare_spec x y); subst; rewrite ?IH; split; try congruence; intros E; injection E; lia || congruence.
Qed.
Lemma lexc_trans a b c : lexc a b = Lt -> lexc b c = Lt -> lexc a c = Lt.
Proof.
  revert b c; induction a as [|x a IH]; intros [|y b] [|z c]; simpl; try congruence.
  destruct (Nat.compare_spec x y) as [->|L|L]; try congruence.
  - destruct (Nat.compare y z); try congruence; eauto.
  - destruct (Nat.compare_spec y z) as [->|M|M]; try congruence.
    + destruct (Nat.compare_spec x z); try lia; auto.
    + destruct (Nat.compare_spec x z); try lia; auto.
Qed.
Lemma lexc_flip a b : lexc a b = Gt -> lexc b a = Lt.
Proof.
  revert b; induction a as [|x a IH]; intros [|y b]; simpl; try congruence.
  destruct (Nat.compare_spec x y), (Nat.compare_spec y x); try lia; auto; congruence.
Qed.
Lemma lexc_irrefl a : lexc a a <> Lt.
Proof. assert (lexc a a = Eq) by now apply lexc_eq. congruence. Qed.

Section Sort.
Context {A : Type} (key : A -> list nat).
Hypothesis key_inj : forall x y, key x = key y -> x = y.
Definition lt (x y : A) : Prop := lexc (key x) (key y) = Lt.
Fixpoint ins (x : A) (l : list A) : list A :=
  match l with
  | [] => [x]
  | y :: r => match lexc (key x) (key y) with Lt => x :: l | Eq => l | Gt => y :: ins x r end
  end.
Definition sortu (l : list A) : list A := fold_right ins [] l.

Lemma ins_in x l y : In y (ins x l) <-> x = y \/ In y l.
Proof.
  induction l as [|z l IH]; simpl; [tauto|]. destruct (lexc (key x) (key z)) eqn:E; simpl.
  - apply lexc_eq, key_inj in E as ->. tauto.
  - tauto.
  - rewrite IH. tauto.
Qed.
Lemma sortu_in l y : In y (sortu l) <-> In y l.
Proof. induction l; simpl; [tauto|]. rewrite ins_in, IHl. tauto. Qed.
Lemma ins_sorted x l : StronglySorted lt l -> StronglySorted lt (ins x l).
Proof.
  induction 1 as [|y l S IH F]; simpl; [repeat constructor|]. destruct (lexc (key x) (key y)) eqn:E.
  - now constructor.
  - constructor; [now constructor|]. constructor; auto. eapply Forall_impl; [|exact F].
    intros z. unfold lt. eauto using lexc_trans.
  - constructor; auto. apply Forall_forall. intros z I. apply ins_in in I as [<-|I].
    + now apply lexc_flip.
    + rewrite Forall_forall in F. auto.
Qed.
Lemma sortu_sorted l : StronglySorted lt (sortu l).
Proof. induction l; simpl; [constructor|now apply ins_sorted]. Qed.
Lemma filter_sorted f l : StronglySorted lt l -> StronglySorted lt (filter f l).
Proof.
  induction 1 as [|y l S IH F]; simpl; [constructor|]. destruct (f y); auto. constructor; auto.
  apply Forall_forall. intros z I. apply filter_In in I as [I _]. rewrite Forall_forall in F. auto.
Qed.
(* A sorted list without repetitions is determined by its elements. *)
Lemma sorted_unique l m : StronglySorted lt l -> StronglySorted lt m -> (forall x, In x l <-> In x m) -> l = m.
Proof.
  intros S; revert m; induction S as [|x l S IH F]; intros m T H.
  - destruct m as [|y m]; auto. exfalso. apply (H y). simpl; auto.
  - destruct T as [|y m T G]; [exfalso; apply (H x); simpl; auto|].
    rewrite Forall_forall in F, G.
    assert (x = y) as <-.
    { destruct (proj1 (H x)) as [E|I]; simpl; auto. destruct (proj2 (H y)) as [E|J]; simpl; auto.
      apply F in J. apply G in I. exfalso. eapply lexc_irrefl. eapply lexc_trans; eauto. }
    f_equal. apply IH; auto. intros z. specialize (H z). simpl in H. split; intros I.
    + destruct (proj1 H) as [<-|J]; auto. exfalso. eapply lexc_irrefl. apply F; eauto.
    + destruct (proj2 H) as [<-|J]; auto. exfalso. eapply lexc_irrefl. apply G; eauto.
Qed.
End Sort.

(* Above every element of a finite preorder there is one above which nothing is strictly. *)
Lemma greatest {A} (R : A -> A -> Prop) (l : list A) :
  (forall x, R x x) -> (forall x y z, R x y -> R y z -> R x z) ->
  (forall x y, In x l -> In y l -> R x y \/ ~ R x y) ->
  forall k, In k l -> exists w, In w l /\ R w k /\ forall v, In v l -> R v w -> R w v.
Proof.
  intros Rr Rt. induction l as [|a l IH]; [destruct 2|]. intros Dec.
  assert (forall x y, In x l -> In y l -> R x y \/ ~ R x y) as Dec' by (intros; apply Dec; simpl; auto).
  specialize (IH Dec').
  assert (forall k, In k l -> exists w, In w (a :: l) /\ R w k /\ forall v, In v (a :: l) -> R v w -> R w v) as H.
  { intros k I. destruct (IH k I) as [w [J [S M]]].
    destruct (Dec a w) as [E|E]; simpl; auto.
    - destruct (Dec w a) as [E'|E']; simpl; auto.
      + exists w. repeat split; simpl; auto. intros v [<-|V] Q; auto.
      + exists a. repeat split; simpl; eauto. intros v [<-|V] Q; auto. apply Rt with w; auto. apply M; auto. eauto.
    - exists w. repeat split; simpl; auto. intros v [<-|V] Q; auto. contradiction. }
  intros k [<-|I]; auto.
  assert ((exists v, In v l /\ R v a) \/ forall v, In v l -> ~ R v a) as [[v [V S]]|N].
  { clear - Dec. assert (forall m, (forall x, In x m -> In x l) -> (exists v, In v m /\ R v a) \/ forall v, In v m -> ~ R v a) as X.
    { induction m as [|b m IH]; intros S; [right; intros v []|].
      destruct IH as [[v [V S']]|N]; [intros; apply S; simpl; auto|left; exists v; simpl; auto|].
      destruct (Dec b a) as [E|E]; simpl; auto.
      - right. apply S. simpl; auto.
      - left; exists b; simpl; auto.
      - right. intros v [<-|V]; auto. }
    apply X. auto. }
  - destruct (H v V) as [w [J [K M]]]. exists w. eauto.
  - exists a. repeat split; simpl; auto. intros v [<-|V] Q; auto. exfalso. eapply N; eauto.
Qed.
