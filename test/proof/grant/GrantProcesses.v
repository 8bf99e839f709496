(** * Any number of processes on one record that is changed by compare-and-swap

    A process reads the record with its version, computes a step, and asks the store to swap. The store swaps if the
    version is still the one that was read. Any number of processes may be at any point, in any order; a process may
    stop for ever (a crash), its write may arrive late, its answer may be lost, and the record may vanish (its time to
    live has passed). Each property of single steps then holds of the record and of all that was ever given out.

    No axiom is used: what the processes hold is compared point by point. *)
Require Import List Bool Arith Lia.
Import ListNotations.
From SmartAppLaunch.Grant Require Import GrantMachine.

Section CompareAndSwap.

Variables (Record_ Event_ Answer : Type).
Variable step_ : Record_ -> Event_ -> Record_ -> Answer -> Prop.
(** The answers that give something out. All others may be sent without a write, or twice, or never. *)
Variable giving : Answer -> bool.

(** A swap that took effect, with the answer that goes with it. *)
Record entry := Entry { before : Record_; by_event : Event_; result : Record_; answer : Answer }.

(** What a process holds between its read and its swap: the version that it read, and the step that it computed. *)
Record held := Held { seen : nat; work : entry }.

Record world := World {
  version : nat;
  record : Record_;
  present : bool;
  holds_ : nat -> option held;
  (** The swaps that took effect, the last one first. An answer that gives something is sent only after its swap. *)
  history : list entry
}.

Definition set_held (w : world) (p : nat) (h : option held) : nat -> option held :=
  fun q => if q =? p then h else holds_ w q.

Inductive move (w : world) : world -> Prop :=
| reads (p : nat) (e : Event_) (r' : Record_) (a : Answer) :
    present w = true -> step_ (record w) e r' a ->
    move w (World (version w) (record w) true (set_held w p (Some (Held (version w) (Entry (record w) e r' a)))) (history w))
| swaps (p : nat) (h : held) :
    holds_ w p = Some h -> present w = true -> seen h = version w ->
    move w (World (S (version w)) (result (work h)) true (set_held w p None) (work h :: history w))
| loses (p : nat) (h : held) :
    holds_ w p = Some h -> present w = false \/ seen h <> version w ->
    move w (World (version w) (record w) (present w) (set_held w p None) (history w))
| stops (p : nat) :
    move w (World (version w) (record w) (present w) (set_held w p None) (history w))
| vanishes :
    move w (World (version w) (record w) false (holds_ w) (history w)).

Inductive moves_ (w : world) : world -> Prop :=
| no_move : moves_ w w
| more_moves (w' w'' : world) : moves_ w w' -> move w' w'' -> moves_ w w''.

Definition opened (r : Record_) : world := World 0 r true (fun _ => None) [].

(** What holds of everything that is held: it was computed by a step, and if its version is still the version of the
    record, from the record as it is. This is the whole reason why comparing versions suffices. *)
Definition sound_holding (w : world) : Prop :=
  forall p h, holds_ w p = Some h ->
    seen h <= version w /\
    step_ (before (work h)) (by_event (work h)) (result (work h)) (answer (work h)) /\
    (seen h = version w -> before (work h) = record w).

Lemma holding_is_sound : forall w w', sound_holding w -> move w w' -> sound_holding w'.
Proof.
  intros w w' Hs Hm. destruct Hm; unfold sound_holding, set_held in *; simpl; intros q h' Hq.
  - destruct (q =? p) eqn:E.
    + injection Hq as <-. simpl. auto.
    + apply Hs in Hq. assumption.
  - destruct (q =? p) eqn:E; [congruence|]. apply Hs in Hq. destruct Hq as [Hle [Hst Hsame]].
    split; [lia|]. split; [assumption|]. intro Heq. lia.
  - destruct (q =? p) eqn:E; [congruence|]. apply Hs in Hq. assumption.
  - destruct (q =? p) eqn:E; [congruence|]. apply Hs in Hq. assumption.
  - apply Hs in Hq. assumption.
Qed.

(** ** The lemma: an invariant of single steps is an invariant of any number of processes. *)
Variable invariant : Record_ -> list entry -> Prop.
Hypothesis inductive : forall r e r' a h,
  invariant r h -> step_ r e r' a -> invariant r' (Entry r e r' a :: h).

Theorem compare_and_swap_preserves : forall r w,
  invariant r [] -> moves_ (opened r) w -> invariant (record w) (history w) /\ sound_holding w.
Proof.
  intros r w Hi Hm. induction Hm as [|w' w'' Hms IH Hmove].
  - simpl. split; [assumption|]. unfold sound_holding. simpl. congruence.
  - destruct IH as [Hinv Hs]. split; [|eapply holding_is_sound; eauto].
    destruct Hmove; simpl; try assumption.
    destruct (Hs p h H) as [_ [Hst Hsame]]. specialize (Hsame H1).
    destruct h as [v [b e r' a]]. simpl in *. subst b. eapply inductive; eauto.
Qed.

(** ** A store that does not compare: two processes that have read the same record both write. *)
Inductive careless_move (w : world) : world -> Prop :=
| careless (w' : world) : move w w' -> careless_move w w'
| overwrites (p : nat) (h : held) :
    holds_ w p = Some h -> present w = true ->
    careless_move w (World (S (version w)) (result (work h)) true (set_held w p None) (work h :: history w)).

Inductive careless_moves (w : world) : world -> Prop :=
| no_careless_move : careless_moves w w
| more_careless_moves (w' w'' : world) : careless_moves w w' -> careless_move w' w'' -> careless_moves w w''.

(** Any step can then be answered twice from the same record. *)
Theorem without_comparison_all_is_given_twice : forall r e r' a,
  step_ r e r' a ->
  exists w, careless_moves (opened r) w /\ history w = [Entry r e r' a; Entry r e r' a].
Proof.
  intros r e r' a Hst. set (it := Entry r e r' a). set (h := Held 0 it).
  set (w1 := World 0 r true (set_held (opened r) 0 (Some h)) []).
  set (w2 := World 0 r true (set_held w1 1 (Some h)) []).
  set (w3 := World 1 r' true (set_held w2 0 None) [it]).
  set (w4 := World 2 r' true (set_held w3 1 None) [it; it]).
  exists w4. split; [|reflexivity].
  eapply more_careless_moves with (w' := w3).
  - eapply more_careless_moves with (w' := w2).
    + eapply more_careless_moves with (w' := w1).
      * eapply more_careless_moves with (w' := opened r); [apply no_careless_move|].
        apply careless. exact (reads (opened r) 0 e r' a eq_refl Hst).
      * apply careless. exact (reads w1 1 e r' a eq_refl Hst).
    + apply careless. exact (swaps w2 0 h eq_refl eq_refl eq_refl).
  - exact (overwrites w3 1 h eq_refl eq_refl).
Qed.

End CompareAndSwap.

Arguments Entry {Record_ Event_ Answer}.
Arguments before {Record_ Event_ Answer}.
Arguments by_event {Record_ Event_ Answer}.
Arguments result {Record_ Event_ Answer}.
Arguments answer {Record_ Event_ Answer}.
Arguments record {Record_ Event_ Answer}.
Arguments history {Record_ Event_ Answer}.
Arguments opened {Record_ Event_ Answer}.

(** ** The grant under any number of processes *)

Section Grant.

Variable relation : list row.
Hypothesis checked : failing relation = [].

Definition grant_entry := entry grant event command.
Definition grant_world := world grant event command.

(** Reachable from a new grant: one in conversation, or one of a backend service, with nothing given out by a step. *)
Definition is_new (g : grant) : Prop := (tag_of g = AwaitingUser \/ tag_of g = Backend) /\ generation g = 0.
Definition reachable (g : grant) (w : grant_world) : Prop :=
  moves_ grant event command (step relation) (opened g) w.

Fixpoint count (what : grant_entry -> bool) (h : list grant_entry) : nat :=
  match h with [] => 0 | x :: rest => (if what x then 1 else 0) + count what rest end.

Definition is_code (x : grant_entry) : bool := gives_code (answer x).
Definition is_purchase (x : grant_entry) : bool :=
  gives_tokens (answer x) && is_kind (kind_of (by_event x)) CodePresented.
Definition is_refresh (x : grant_entry) : bool :=
  gives_tokens (answer x) && is_kind (kind_of (by_event x)) RefreshTokenPresented.
(** The refresh token of generation [n] was answered with its successor. *)
Definition is_rotation (n : nat) (x : grant_entry) : bool :=
  is_refresh x && (presented_generation (by_event x) =? n) && (generation (result x) =? S n) &&
  (generation (before x) =? n).
(** It was answered with the same successor again. *)
Definition is_repeat (n : nat) (x : grant_entry) : bool :=
  is_refresh x && (presented_generation (by_event x) =? n) && (generation (before x) =? S n).

(** The invariant. *)
Definition lineage (g : grant) (h : list grant_entry) : Prop :=
  (in_conversation (tag_of g) = true -> count is_code h = 0 /\ count is_purchase h = 0 /\ count is_refresh h = 0) /\
  (tag_of g = CodeIssued -> count is_code h <= 1 /\ count is_purchase h = 0 /\ count is_refresh h = 0) /\
  (tag_of g = Backend -> count is_code h = 0 /\ count is_purchase h = 0 /\ count is_refresh h = 0) /\
  count is_code h <= 1 /\ count is_purchase h <= 1 /\
  (forall n, count (is_rotation n) h <= 1 /\ count (is_repeat n) h <= 1) /\
  (tag_of g = Active -> forall n,
     (0 < count (is_rotation n) h -> n < generation g) /\
     (0 < count (is_repeat n) h -> S n < generation g \/ (S n = generation g /\ repeated g = true))) /\
  (forall x, In x h -> gives_tokens (answer x) = true ->
     (is_purchase x = true \/ is_refresh x = true) /\
     tag_of (result x) = Active /\ (tag_of g = Active -> generation (result x) <= generation g)).

Lemma nothing_counts : forall g e g' c, gives c = false ->
  is_code (Entry g e g' c) = false /\ is_purchase (Entry g e g' c) = false /\ is_refresh (Entry g e g' c) = false.
Proof. intros g e g' c Hc. unfold is_code, is_purchase, is_refresh. simpl. destruct c; simpl in *; auto; congruence. Qed.

Lemma no_refresh_no_rotation : forall n x, is_refresh x = false -> is_rotation n x = false /\ is_repeat n x = false.
Proof. intros n x H. unfold is_rotation, is_repeat. rewrite H. auto. Qed.

Lemma no_refreshes_no_rotations : forall n h,
  count is_refresh h = 0 -> count (is_rotation n) h = 0 /\ count (is_repeat n) h = 0.
Proof.
  induction h as [|x h IH]; simpl; [auto|]. intro H.
  destruct (is_refresh x) eqn:Hx; [simpl in H; lia|]. simpl in H.
  destruct (no_refresh_no_rotation n x Hx) as [H1 H2]. rewrite H1, H2. simpl. auto.
Qed.

Lemma backend_comes_from : forall g e g' c,
  step relation g e g' c -> tag_of g' = Backend -> tag_of g = Backend /\ gives c = false.
Proof.
  intros g e g' c H Ht. destruct H as [r Hin Hfrom Hon Hcons Hfacts].
  pose proof (every_row_passes relation checked ActiveComesFromCode r Hin) as Hc.
  pose proof (every_row_passes relation checked GivenIsWritten r Hin) as Hw.
  cbn [row_passes] in *. destruct (row_written r) eqn:Hwr.
  - rewrite written_tag in Ht by assumption. unfold to_is, from_is in Hc.
    rewrite Ht in Hc. simpl in Hc. apply andb_true_iff in Hc. destruct Hc as [Hf Hg]. apply is_tag_true in Hf. apply negb_true_iff in Hg.
    split; congruence.
  - rewrite unwritten_stays in Ht by assumption. split; [assumption|].
    destruct (gives (row_command r)); [discriminate Hw | reflexivity].
Qed.

Lemma tag_is : forall t, in_conversation t = true -> t <> CodeIssued /\ t <> Active /\ t <> Backend.
Proof. destruct t; simpl; intro; repeat split; congruence. Qed.

Theorem lineage_is_inductive : forall g e g' c h,
  lineage g h -> step relation g e g' c -> lineage g' (Entry g e g' c :: h).
Proof.
  intros g e g' c h [Hconv [Hissued [Hback [Hcode [Hbuy [Heach [Hact Hall]]]]]]] H.
  destruct (gives c) eqn:Hg.
  - (* Something is given out. *)
    destruct c as [|rt| | | | | | | |]; simpl in Hg; try congruence.
    + (* A code. *)
      destruct (code_comes_from_consent relation checked g e g' _ H eq_refl) as [Ht [Ht' Hk]].
      assert (in_conversation (tag_of g) = true) as Hin by (rewrite Ht; reflexivity).
      destruct (Hconv Hin) as [H1 [H2 H3]].
      assert (is_refresh (Entry g e g' GivesCode) = false) as Hr by reflexivity.
      assert (is_purchase (Entry g e g' GivesCode) = false) as Hp by reflexivity.
      assert (is_code (Entry g e g' GivesCode) = true) as Hcd by reflexivity.
      unfold lineage. rewrite Ht'. cbn [count]. rewrite Hr, Hp, Hcd. cbn [Nat.add].
      split; [simpl; congruence|]. split; [intros _; lia|]. split; [congruence|]. split; [lia|]. split; [lia|].
      split.
      { intro n. destruct (no_refresh_no_rotation n _ Hr) as [Hn1 Hn2]. rewrite Hn1, Hn2. apply Heach. }
      split; [congruence|].
      intros y [<-|Hy]; [simpl; congruence|]. intro Hgy. destruct (Hall y Hy Hgy) as [Hw1 [Hw2 _]].
      repeat split; auto. congruence.
    + destruct (kind_eq (kind_of e) CodePresented) as [Hk|Hk].
      * (* Tokens for a code. *)
        destruct (code_is_bound relation checked g e g' _ H Hk eq_refl) as [Ht [Ht' [Hgen _]]].
        destruct (Hissued Ht) as [H1 [H2 H3]].
        assert (is_purchase (Entry g e g' (GivesTokens rt)) = true) as Hp.
        { unfold is_purchase. simpl. rewrite Hk. reflexivity. }
        assert (is_refresh (Entry g e g' (GivesTokens rt)) = false) as Hr.
        { unfold is_refresh. simpl. rewrite Hk. reflexivity. }
        assert (is_code (Entry g e g' (GivesTokens rt)) = false) as Hcd by reflexivity.
        unfold lineage. rewrite Ht'. cbn [count]. rewrite Hp, Hr, Hcd. cbn [Nat.add].
        split; [simpl; congruence|]. split; [congruence|]. split; [congruence|].
        split; [assumption|]. split; [lia|].
        split.
        { intro n. destruct (no_refresh_no_rotation n _ Hr) as [Hn1 Hn2]. rewrite Hn1, Hn2. apply Heach. }
        split.
        { intros _ n. destruct (no_refresh_no_rotation n _ Hr) as [Hn1 Hn2]. rewrite Hn1, Hn2. cbn [Nat.add].
          destruct (no_refreshes_no_rotations n h H3) as [Hz1 Hz2]. rewrite Hz1, Hz2. lia. }
        intros x [<-|Hx]; [intros _; simpl; repeat split; auto; lia|]. intro Hgx.
        exfalso. (* Before a purchase no tokens were given. *)
        destruct (Hall x Hx Hgx) as [Hwhich _]. clear - Hx H2 H3 Hwhich.
        induction h as [|y h IH]; simpl in *; [contradiction|].
        destruct Hx as [->|Hx].
        -- destruct Hwhich as [Hb|Hb]; rewrite Hb in *; simpl in *; lia.
        -- apply IH; auto; [destruct (is_purchase y) | destruct (is_refresh y)]; simpl in *; lia.
      * (* Tokens for a refresh token. *)
        destruct (refresh_is_bound relation checked g e g' _ H eq_refl Hk) as [Hk' [Ht [Ht' [_ [_ Hm]]]]].
        set (x := Entry g e g' (GivesTokens rt)).
        assert (is_purchase x = false) as Hp by (unfold is_purchase; simpl; rewrite Hk'; reflexivity).
        assert (is_refresh x = true) as Hr by (unfold is_refresh; simpl; rewrite Hk'; reflexivity).
        assert (is_code x = false) as Hcd by reflexivity.
        specialize (Hact Ht).
        assert (forall n, count (is_rotation n) (x :: h) <= 1 /\ count (is_repeat n) (x :: h) <= 1 /\
                  (0 < count (is_rotation n) (x :: h) -> n < generation g') /\
                  (0 < count (is_repeat n) (x :: h) ->
                     S n < generation g' \/ (S n = generation g' /\ repeated g' = true))) as Hn.
        { intro n. destruct (Heach n) as [He1 He2]. destruct (Hact n) as [Ha1 Ha2].
          assert (is_rotation n x =
                  (presented_generation e =? n) && (generation g' =? S n) && (generation g =? n)) as Hrot
            by (unfold is_rotation; rewrite Hr; reflexivity).
          assert (is_repeat n x = (presented_generation e =? n) && (generation g =? S n)) as Hrep
            by (unfold is_repeat; rewrite Hr; reflexivity).
          cbn [count]. rewrite Hrot, Hrep. clear Hrot Hrep.
          destruct Hm as [Hm1 Hm2|Hm1 Hm2 Hm3|Hm1 Hm2 Hm3 Hm4 Hm5];
            destruct (Nat.eqb_spec (presented_generation e) n); destruct (Nat.eqb_spec (generation g') (S n));
            destruct (Nat.eqb_spec (generation g) n); destruct (Nat.eqb_spec (generation g) (S n));
            cbn [andb Nat.add]; try lia;
            destruct (count (is_rotation n) h) as [|k1] eqn:E1; destruct (count (is_repeat n) h) as [|k2] eqn:E2;
            try (specialize (Ha1 ltac:(lia))); try (specialize (Ha2 ltac:(lia)));
            repeat split; try lia; intros;
            try match type of Ha2 with _ \/ _ => destruct Ha2 as [Ha2|[Ha2 Ha3]] end; try congruence; try lia; auto; try (right; split; [lia|congruence]); left; lia. }
        unfold lineage. rewrite Ht'. split; [simpl; congruence|]. split; [congruence|]. split; [congruence|].
        split; [cbn [count]; rewrite Hcd; assumption|]. split; [cbn [count]; rewrite Hp; assumption|].
        split; [intro n; destruct (Hn n) as [Hn1 [Hn2 _]]; auto|].
        split; [intros _ n; destruct (Hn n) as [_ [_ Hn3]]; auto|].
        intros y [<-|Hy].
        -- intros _. simpl. repeat split; auto.
        -- intro Hgy. destruct (Hall y Hy Hgy) as [Hw1 [Hw2 Hw3]]. repeat split; auto. intros _.
           specialize (Hw3 Ht). destruct Hm as [? Hm2|? Hm2|? Hm2]; rewrite Hm2; lia.
    + exfalso. exact (stray_is_never_given relation checked g e g' _ H eq_refl).
  - (* Nothing is given out: nothing is counted. *)
    destruct (nothing_counts g e g' c Hg) as [Hc1 [Hc2 Hc3]].
    assert (gives_code c = false /\ gives_tokens c = false) as [Hgc Hgt] by (destruct c; simpl in *; auto; congruence).
    unfold lineage. cbn [count]. rewrite Hc1, Hc2, Hc3. cbn [Nat.add].
    assert (tag_of g' = Active -> tag_of g = Active /\ generation g' = generation g /\ repeated g' = repeated g) as Hquiet.
    { intro Ht'. destruct (active_comes_from relation checked g e g' c H Ht') as [Ht|[_ [_ [_ Hb]]]]; [|congruence].
      split; [assumption|]. eapply quiet_steps_keep_generation; eauto. }
    split. { intro Ht'. apply Hconv. eapply conversation_comes_first; eauto. }
    split. { intro Ht'. destruct (code_issued_comes_from relation checked g e g' c H Ht') as [->|Hb]; [auto|congruence]. }
    split. { intro Ht'. apply Hback. eapply backend_comes_from; eauto. }
    split; [assumption|]. split; [assumption|].
    assert (forall n, is_rotation n (Entry g e g' c) = false /\ is_repeat n (Entry g e g' c) = false) as Hno
      by (intro n; apply no_refresh_no_rotation; assumption).
    split. { intro n. destruct (Hno n) as [-> ->]. apply Heach. }
    split. { intros Ht' n. destruct (Hno n) as [-> ->]. destruct (Hquiet Ht') as [Ht [-> ->]]. apply Hact. assumption. }
    intros x [<-|Hx]; [simpl; congruence|]. intro Hgx. destruct (Hall x Hx Hgx) as [Hw1 [Hw2 Hw3]].
    repeat split; auto. intro Ht'. destruct (Hquiet Ht') as [Ht [-> _]]. auto.
Qed.

Lemma a_new_grant_is_in_line : forall g, is_new g -> lineage g [].
Proof.
  intros g [Ht Hg]. unfold lineage. simpl. repeat split; auto; try lia; try contradiction.
Qed.

Theorem lineage_always : forall g w, is_new g -> reachable g w -> lineage (record w) (history w).
Proof.
  intros g w Hnew Hr.
  exact (proj1 (compare_and_swap_preserves grant event command (step relation) lineage
                  (fun r e r' a h => lineage_is_inductive r e r' a h) g w (a_new_grant_is_in_line g Hnew) Hr)).
Qed.

(** ** The theorems: for any number of processes, in any order. *)

Theorem a_code_buys_once : forall g w, is_new g -> reachable g w -> count is_purchase (history w) <= 1.
Proof. intros g w Hn Hr. destruct (lineage_always g w Hn Hr) as [_ [_ [_ [_ [H _]]]]]. assumption. Qed.

Theorem a_consent_gives_one_code : forall g w, is_new g -> reachable g w -> count is_code (history w) <= 1.
Proof. intros g w Hn Hr. destruct (lineage_always g w Hn Hr) as [_ [_ [_ [H _]]]]. assumption. Qed.

Theorem a_refresh_token_has_one_successor : forall g w n, is_new g -> reachable g w ->
  count (is_rotation n) (history w) <= 1 /\ count (is_repeat n) (history w) <= 1.
Proof. intros g w n Hn Hr. destruct (lineage_always g w Hn Hr) as [_ [_ [_ [_ [_ [H _]]]]]]. apply H. Qed.

(** Tokens are given only with a stored state that holds them: the step of the answer was written. *)
Theorem no_tokens_without_stored_state : forall g w x, is_new g -> reachable g w ->
  In x (history w) -> gives_tokens (answer x) = true ->
  tag_of (result x) = Active /\ (tag_of (record w) = Active -> generation (result x) <= generation (record w)).
Proof.
  intros g w x Hn Hr Hx Hg. destruct (lineage_always g w Hn Hr) as [_ [_ [_ [_ [_ [_ [_ H]]]]]]].
  destruct (H x Hx Hg) as [_ [H1 H2]]. auto.
Qed.

(** Of the refresh tokens that were ever given, one generation at most is the current one; those before it were left. *)
Theorem given_generations_are_not_ahead : forall g w n, is_new g -> reachable g w ->
  0 < count (is_rotation n) (history w) -> tag_of (record w) = Active -> n < generation (record w).
Proof.
  intros g w n Hn Hr Hc Ht. destruct (lineage_always g w Hn Hr) as [_ [_ [_ [_ [_ [_ [H _]]]]]]].
  destruct (H Ht n) as [H1 _]. auto.
Qed.

(** Once a grant has ended, no process gives anything out, and the record stays as it is. *)
Theorem the_end_is_final_for_all_processes : forall g w w', is_new g -> reachable g w -> ended (tag_of (record w)) = true ->
  moves_ grant event command (step relation) w w' ->
  record w' = record w /\
  exists more, history w' = more ++ history w /\ Forall (fun x => gives (answer x) = false) more.
Proof.
  intros g w w' Hn Hr He Hm.
  assert (forall v, moves_ grant event command (step relation) w v ->
            reachable g v /\ record v = record w /\
            exists more, history v = more ++ history w /\ Forall (fun x => gives (answer x) = false) more) as Hall.
  { intros v Hv. induction Hv as [|v v' Hv IH Hmove].
    - split; [assumption|]. split; [reflexivity|]. exists []. auto.
    - destruct IH as [Hrv [Hrec [more [Hh Hf]]]].
      split. { unfold reachable in *. eapply more_moves; eauto. }
      assert (sound_holding grant event command (step relation) v) as Hs.
      { exact (proj2 (compare_and_swap_preserves grant event command (step relation) lineage
                  (fun r e r' a h => lineage_is_inductive r e r' a h) g v (a_new_grant_is_in_line g Hn) Hrv)). }
      destruct Hmove; simpl; try (split; [assumption|]; exists more; split; assumption).
      destruct (Hs p h H) as [_ [Hst Hsame]]. specialize (Hsame H1).
      rewrite Hsame, Hrec in Hst.
      destruct (ended_is_final relation checked _ _ _ _ Hst He) as [Hr' Hg'].
      split; [congruence|]. exists (work _ _ _ h :: more). split; [rewrite Hh; reflexivity|]. constructor; auto. }
  destruct (Hall w' Hm) as [_ H]. exact H.
Qed.

(** A store that does not compare lets a code buy twice. *)
Theorem without_comparison_a_code_buys_twice : forall g e g' c,
  step relation g e g' c -> kind_of e = CodePresented -> gives_tokens c = true ->
  exists w, careless_moves grant event command (step relation) (opened g) w /\ count is_purchase (history w) = 2.
Proof.
  intros g e g' c H Hk Hg.
  destruct (without_comparison_all_is_given_twice grant event command (step relation) g e g' c H) as [w [Hm Hh]].
  exists w. split; [assumption|]. rewrite Hh. simpl. unfold is_purchase. simpl. rewrite Hk, Hg. reflexivity.
Qed.

End Grant.
