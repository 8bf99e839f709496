(* The order of the levels: what a list of declared pairs means, and what two levels have in common. *)
Require Export Scopes.

Definition allLevels := [Patient; User; System].
Lemma allLevels_all l : In l allLevels.
Proof. destruct l; simpl; auto. Qed.

(* A declared order is a list of pairs: the first level includes the second. *)
Definition declared (order : list (level * level)) (a b : level) : bool :=
  existsb (fun x => level_eqb (fst x) a && level_eqb (snd x) b) order.
(* The levels that are reached in at most so many steps. *)
Fixpoint reaches (n : nat) (order : list (level * level)) (a b : level) : bool :=
  level_eqb a b || match n with
  | 0 => false
  | S n => existsb (fun c => declared order a c && reaches n order c b) allLevels end.
Definition includesLevel (order : list (level * level)) := reaches 2 order.

(* The meaning of a declared order: reflexive and transitive, and nothing else than what the pairs require. *)
Inductive Reach (order : list (level * level)) : level -> level -> Prop :=
| reach_here l : Reach order l l
| reach_step a b c : In (a, b) order -> Reach order b c -> Reach order a c.

Lemma declared_iff order a b : declared order a b = true <-> In (a, b) order.
Proof.
  unfold declared. rewrite existsb_exists. split.
  - intros [[x y] [I E]]. simpl in E. rewrite andb_true_iff, !level_eqb_eq in E. now destruct E as [<- <-].
  - intros I. exists (a, b). simpl. rewrite andb_true_iff, !level_eqb_eq. auto.
Qed.

Lemma reaches_sound n order a b : reaches n order a b = true -> Reach order a b.
Proof.
  revert a; induction n; intros a; simpl; rewrite orb_true_iff, level_eqb_eq; intros [->|H]; try constructor; try discriminate.
  rewrite ?orb_true_iff, !andb_true_iff in H.
  destruct H as [[D R]|[[D R]|[[D R]|H]]]; try discriminate; apply declared_iff in D; eapply reach_step; eauto.
Qed.

(* Two steps reach all that is reachable, because there are three levels. *)
Lemma reaches_step order a b c : declared order a b = true -> includesLevel order b c = true ->
  includesLevel order a c = true.
Proof.
  unfold includesLevel. destruct a, c; try reflexivity; destruct b; simpl; intros D; rewrite ?D; simpl; auto;
    repeat match goal with |- context [declared order ?x ?y] =>
      destruct (declared order x y); simpl; auto end.
Qed.

(* The computed order of the levels is exactly the least preorder that contains the declared pairs. *)
Theorem includesLevel_correct order a b : includesLevel order a b = true <-> Reach order a b.
Proof.
  split; [apply reaches_sound|]. induction 1.
  - destruct l; reflexivity.
  - eapply reaches_step; eauto. now apply declared_iff.
Qed.

(* The computed order of the levels is a preorder, whatever pairs are declared. *)
Theorem includesLevel_preorder order : (forall l, includesLevel order l l = true) /\
  (forall a b c, includesLevel order a b = true -> includesLevel order b c = true -> includesLevel order a c = true).
Proof.
  split.
  - intros l. apply includesLevel_correct. constructor.
  - intros a b c. rewrite !includesLevel_correct. induction 1; auto. intros H'. econstructor; eauto.
Qed.

(* Without declared pairs, a level includes only itself. *)
Theorem includesLevel_none a b : includesLevel [] a b = true <-> a = b.
Proof. destruct a, b; vm_compute; split; congruence. Qed.

(* A world: letters of ASCII are folded, numbers above are left alone. So what `World` requires can be had. *)
Definition lower (c : word) : word := if (65 <=? c) && (c <=? 90) then c + 32 else c.
Definition asciiFresh (n : word) : word := n + 128.
Lemma lower_big c : 91 <= c -> lower c = c.
Proof. intros H. unfold lower. destruct (c <=? 90) eqn:E; [apply Nat.leb_le in E; lia|]. now rewrite andb_false_r. Qed.
Lemma lower_idem c : lower (lower c) = lower c.
Proof.
  unfold lower at 2 3. destruct ((65 <=? c) && (c <=? 90)) eqn:E.
  - apply lower_big. apply andb_true_iff in E as [E _]. apply Nat.leb_le in E. lia.
  - unfold lower. now rewrite E.
Qed.
#[export] Program Instance asciiWorld (order : list (level * level)) : World :=
  {| fold := map lower; freshFrom := asciiFresh; includes := includesLevel order |}.
Next Obligation. unfold asciiFresh. lia. Qed.
Next Obligation. rewrite map_app. simpl. f_equal. f_equal. apply lower_big. unfold asciiFresh. lia. Qed.
Next Obligation. rewrite map_map. apply map_ext. apply lower_idem. Qed.
Next Obligation. apply includesLevel_preorder. Qed.
Next Obligation. eapply includesLevel_preorder; eauto. Qed.

Section Levels.
Context {W : World}.

(* The representative of the levels that include each other. *)
Definition rep (l : level) : level :=
  match find (fun o => includes o l && includes l o) allLevels with Some o => o | None => l end.
(* The widest levels that two levels both include. *)
Definition commonLevels (l m : level) : list level :=
  if level_eqb l m then [l] else
  let common := filter (fun k => includes l k && includes m k) allLevels in
  filter (fun k => level_eqb (rep k) k && negb (existsb (fun w => includes w k && negb (includes k w)) common)) common.

Lemma rep_equiv l : includes (rep l) l = true /\ includes l (rep l) = true.
Proof.
  unfold rep. destruct (find _ _) eqn:E; [|split; apply includes_refl].
  apply find_some in E as [_ E]. now apply andb_true_iff in E.
Qed.
Lemma find_same {A} (f g : A -> bool) l : (forall x, f x = g x) -> find f l = find g l.
Proof. intros H. induction l; simpl; auto. rewrite H, IHl; auto. Qed.
Lemma rep_eq a b : includes a b = true -> includes b a = true -> rep a = rep b.
Proof.
  intros H K. unfold rep.
  rewrite (find_same _ (fun o => includes o b && includes b o)).
  - destruct (find _ _) eqn:E; auto. eapply find_none with (x := b) in E; [|apply allLevels_all].
    now rewrite includes_refl in E.
  - intros o. destruct (includes o a && includes a o) eqn:E; symmetry.
    + apply andb_true_iff in E as [E F]. apply andb_true_iff. split; eapply includes_trans; eauto.
    + destruct (includes o b && includes b o) eqn:F; auto. rewrite <- E. apply andb_true_iff in F as [F G]. symmetry.
      apply andb_true_iff. split; eapply includes_trans; eauto.
Qed.
Lemma rep_idem l : rep (rep l) = rep l.
Proof. destruct (rep_equiv l). now apply rep_eq. Qed.

Lemma widest (l : list level) k : In k l ->
  exists w, In w l /\ includes w k = true /\ forall v, In v l -> includes v w = true -> includes w v = true.
Proof.
  revert k; induction l as [|a l IH]; [destruct 1|]. intros k I.
  assert (forall k, In k l -> exists w, In w (a :: l) /\ includes w k = true /\
    forall v, In v (a :: l) -> includes v w = true -> includes w v = true) as H.
  { clear k I. intros k I. destruct (IH k I) as [w [J [R M]]].
    destruct (includes a w && negb (includes w a)) eqn:E.
    - apply andb_true_iff in E as [E N]. exists a. repeat split; simpl; eauto using includes_trans.
      intros v [<-|V] Q; auto using includes_refl.
      apply includes_trans with w; auto. apply M; auto. apply includes_trans with a; auto.
    - exists w. repeat split; simpl; auto. intros v [<-|V] Q; auto. rewrite Q in E. simpl in E. now apply negb_false_iff in E. }
  destruct I as [<-|I]; auto.
  destruct (existsb (fun v => includes v a) l) eqn:E.
  - apply existsb_exists in E as [v [V R]]. destruct (H v V) as [w [J [K M]]]. exists w. eauto using includes_trans.
  - exists a. repeat split; simpl; auto using includes_refl. intros v [<-|V] Q; auto.
    exfalso. rewrite <- not_true_iff_false, existsb_exists in E. eauto.
Qed.

Lemma commonLevels_sound l m k : In k (commonLevels l m) -> includes l k = true /\ includes m k = true.
Proof.
  unfold commonLevels. destruct (level_eqb l m) eqn:E.
  - apply level_eqb_eq in E as ->. intros [<-|[]]. auto using includes_refl.
  - intros I. apply filter_In in I as [I _]. apply filter_In in I as [_ I]. now apply andb_true_iff in I.
Qed.
Lemma commonLevels_complete l m k : includes l k = true -> includes m k = true ->
  exists c, In c (commonLevels l m) /\ includes c k = true.
Proof.
  intros L M. unfold commonLevels. destruct (level_eqb l m) eqn:E.
  - exists l; simpl; auto.
  - set (common := filter (fun k => includes l k && includes m k) allLevels). assert (In k common) as I.
    { apply filter_In. split; [apply allLevels_all|]. now apply andb_true_iff. }
    destruct (widest common k I) as [w [J [R H]]]. destruct (rep_equiv w) as [P Q].
    exists (rep w). split; eauto using includes_trans. apply filter_In in J as [_ J]. apply andb_true_iff in J as [J J'].
    apply filter_In. split.
    + apply filter_In. split; [apply allLevels_all|]. apply andb_true_iff. split; eauto using includes_trans.
    + apply andb_true_iff. split; [apply level_eqb_eq, rep_idem|]. apply negb_true_iff, not_true_iff_false.
      rewrite existsb_exists. intros [v [V N]]. apply andb_true_iff in N as [N N']. apply negb_true_iff in N'.
      assert (includes w v = true) as A by (apply H; auto; eapply includes_trans; eauto).
      rewrite (includes_trans _ _ _ P A) in N'. discriminate.
Qed.

(* The common levels of two levels include exactly what both levels include. *)
Theorem commonLevels_correct l m k :
  includes l k = true /\ includes m k = true <-> exists c, In c (commonLevels l m) /\ includes c k = true.
Proof.
  split.
  - intros [L M]. now apply commonLevels_complete.
  - intros [c [I R]]. apply commonLevels_sound in I as [L M]. split; eauto using includes_trans.
Qed.
End Levels.
