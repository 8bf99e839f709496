(* Scope sets with scopes that permit only themselves: launch, openid, extensions, malformed and unknown scopes. *)
Require Export Normalize.

Record set := { resources : list scope; texts : list word }.
Inductive use := Access (a : access) | Itself (text : word).

Section Sets.
Context {W : World}.
Variable moved : word -> clause -> clause.

Definition holds (t : word) (ts : list word) : bool := existsb (Nat.eqb t) ts.
Lemma holds_iff t ts : holds t ts = true <-> In t ts.
Proof.
  unfold holds. rewrite existsb_exists. split; [intros [u [I E]]; apply Nat.eqb_eq in E as ->; auto|].
  intros I. exists t. now rewrite Nat.eqb_refl.
Qed.
Definition setPermits (G : set) (u : use) : bool :=
  match u with Access a => permits (resources G) a | Itself t => holds t (texts G) end.
Definition setSubsumes (G R : set) : bool :=
  subsumes (resources G) (resources R) && forallb (fun t => holds t (texts G)) (texts R).
Definition setDisjoint (A B : set) : bool :=
  disjoint (resources A) (resources B) && forallb (fun t => negb (holds t (texts B))) (texts A).
Definition setIntersect (A B : set) : set :=
  {| resources := intersect moved (resources A) (resources B); texts := filter (fun t => holds t (texts B)) (texts A) |}.
Definition setUncovered (G R : set) : set :=
  {| resources := uncovered (resources G) (resources R); texts := filter (fun t => negb (holds t (texts G))) (texts R) |}.
Definition setNormalize (G : set) : set :=
  {| resources := normalize (resources G); texts := sortu (fun t => [t]) (texts G) |}.
Definition setUnion (A B : set) : set :=
  setNormalize {| resources := resources A ++ resources B; texts := texts A ++ texts B |}.

(* Subsumption is inclusion, with scopes that permit only themselves. *)
Theorem setSubsumes_correct G R :
  setSubsumes G R = true <-> forall u, setPermits R u = true -> setPermits G u = true.
Proof.
  unfold setSubsumes. rewrite andb_true_iff, subsumes_correct, forallb_forall. split.
  - intros [H K] [a|t]; simpl; auto. rewrite !holds_iff. intros I. now apply holds_iff, K.
  - intros H. split; [intros a; apply (H (Access a))|]. intros t I. apply (H (Itself t)). now apply holds_iff.
Qed.
(* Disjoint means that nothing is permitted by both, with scopes that permit only themselves. *)
Theorem setDisjoint_correct A B : wf (resources A) -> wf (resources B) ->
  setDisjoint A B = true <-> forall u, setPermits A u = true -> setPermits B u = true -> False.
Proof.
  intros WA WB. unfold setDisjoint. rewrite andb_true_iff, forallb_forall. split.
  - intros [D H] [a|t]; simpl; [now apply disjoint_sound|]. rewrite !holds_iff. intros I J.
    apply H in I. apply negb_true_iff, not_true_iff_false in I. now apply I, holds_iff.
  - intros H. split.
    + destruct (disjoint (resources A) (resources B)) eqn:D; auto. exfalso.
      destruct (disjoint_complete _ _ WA WB D) as [a [P Q]]. now apply (H (Access a)).
    + intros t I. apply negb_true_iff, not_true_iff_false. intros J. apply (H (Itself t)); auto. now apply holds_iff.
Qed.
(* The intersection never permits more than either set. *)
Theorem setIntersect_sound A B u : setPermits (setIntersect A B) u = true -> setPermits A u = true /\ setPermits B u = true.
Proof.
  destruct u as [a|t]; simpl; [apply intersect_sound|]. rewrite !holds_iff, filter_In, holds_iff. auto.
Qed.
(* The intersection is exact, where no clause changes its reading with the type. *)
Theorem setIntersect_exact A B u : stable moved (resources A ++ resources B) ->
  setPermits (setIntersect A B) u = setPermits A u && setPermits B u.
Proof.
  intros ST. destruct u as [a|t]; simpl; [now apply intersect_exact|]. apply eq_true_iff_eq.
  rewrite andb_true_iff, !holds_iff, filter_In, holds_iff. tauto.
Qed.
(* The granted set and the uncovered part permit together what the granted and the requested set permit together. *)
Theorem setUncovered_exact G R u :
  setPermits G u || setPermits (setUncovered G R) u = setPermits G u || setPermits R u.
Proof.
  apply eq_true_iff_eq. rewrite !orb_true_iff. destruct u as [a|t]; simpl.
  - split; intros [P|P]; auto; [right; eapply uncovered_within; eauto|].
    destruct (uncovered_completes (resources G) (resources R) a P); auto.
  - rewrite !holds_iff, filter_In, negb_true_iff. split; [tauto|]. intros [P|P]; auto.
    destruct (holds t (texts G)) eqn:E; auto. apply holds_iff in E. auto.
Qed.
(* Canonical: two sets have the same canonical form exactly when they permit the same. *)
Theorem setNormalize_canonical A B : setNormalize A = setNormalize B <-> forall u, setPermits A u = setPermits B u.
Proof.
  unfold setNormalize. split.
  - intros E. injection E as N T. pose proof (proj1 (normalize_canonical _ _) N) as M. intros [a|t]; simpl; auto.
    apply eq_true_iff_eq. rewrite !holds_iff, <- (sortu_in (fun t => [t]) ltac:(congruence) (texts A)), T.
    now rewrite (sortu_in (fun t => [t]) ltac:(congruence)).
  - intros H. f_equal.
    + apply normalize_canonical. intros a. apply (H (Access a)).
    + apply (sorted_unique (fun t => [t]) ltac:(congruence)); try (apply sortu_sorted; congruence).
      intros t. rewrite !(sortu_in (fun t => [t]) ltac:(congruence)), <- !holds_iff. specialize (H (Itself t)).
      simpl in H. now rewrite H.
Qed.
(* The canonical form keeps the meaning. *)
Theorem setNormalize_means G u : setPermits (setNormalize G) u = setPermits G u.
Proof.
  destruct u as [a|t]; simpl; [apply normalize_means|]. apply eq_true_iff_eq.
  now rewrite !holds_iff, (sortu_in (fun t => [t]) ltac:(congruence)).
Qed.
(* The union permits exactly what one of both sets permits. *)
Theorem setUnion_exact A B u : setPermits (setUnion A B) u = setPermits A u || setPermits B u.
Proof.
  unfold setUnion. rewrite setNormalize_means. destruct u as [a|t]; simpl; [apply permits_app|].
  unfold holds. apply existsb_app.
Qed.
End Sets.
