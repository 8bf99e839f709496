(* Scope sets, what they permit, and the procedure that compares them: subsumes, counterexample, equivalent. *)
Require Export Values.

Inductive clause := Interp (param : word) (vs : list qval) | Opaque (text : word).
(* An opaque clause means anything: a resource comes with what it says about each of them. *)
Record resource := { index : word -> list ival; opq : word -> bool }.
Record scope := { lvl : level; ty : option word; perms : list nat; query : list clause }.
Record access := { alvl : level; aty : word; aperm : nat; ares : resource }.

Section Scopes.
Context {W : World}.

(* The definition. *)
Definition clauseOk r c := match c with
  | Interp p vs => existsb (fun v => existsb (matches v) (index r p)) vs
  | Opaque t => opq r t end.
Definition tyOk (t : option word) (T : word) := match t with None => true | Some t => t =? T end.
Definition permits1 (s : scope) (a : access) : bool :=
  includes (lvl s) (alvl a) && tyOk (ty s) (aty a) && existsb (Nat.eqb (aperm a)) (perms s)
  && forallb (clauseOk (ares a)) (query s).
Definition permits (G : list scope) (a : access) : bool := existsb (fun g => permits1 g a) G.

(* The procedure. *)
Inductive demand := DV (param : word) (v : qval) | DO (text : word).
Fixpoint choices (q : list clause) : list (list demand) :=
  match q with
  | [] => [[]]
  | Interp p vs :: q => flat_map (fun v => map (cons (DV p v)) (choices q)) vs
  | Opaque t :: q => map (cons (DO t)) (choices q)
  end.
Definition canon (F : word) (ds : list demand) : resource :=
  {| index := fun p => flat_map (fun d => match d with DV p' v => if p' =? p then [inst F v] else [] | DO _ => [] end) ds;
     opq := fun t => existsb (fun d => match d with DO t' => t' =? t | DV _ _ => false end) ds |}.

(* One permission for resources of one type, under one choice of values. *)
Record atom := { atLvl : level; atTy : option word; atPerm : nat; atDs : list demand }.
Definition atomsOf (s : scope) : list atom :=
  flat_map (fun ds => map (fun p => {| atLvl := lvl s; atTy := ty s; atPerm := p; atDs := ds |}) (perms s))
    (choices (query s)).
Definition canonAccess (F : word) (a : atom) : access :=
  {| alvl := atLvl a; aty := match atTy a with Some t => t | None => F end; aperm := atPerm a;
     ares := canon F (atDs a) |}.

Definition clauseWords c := match c with Interp _ vs => flat_map wordsOf vs | Opaque _ => [] end.
Definition scopeWords s := match ty s with Some t => [t] | None => [] end ++ flat_map clauseWords (query s).
Definition freshFor (G : list scope) := freshFrom (S (list_max (flat_map scopeWords G))).

Definition coveredWith (F : word) (G R : list scope) : bool :=
  forallb (fun a => permits G (canonAccess F a)) (flat_map atomsOf R).
Definition subsumes (G R : list scope) : bool := coveredWith (freshFor G) G R.
Definition counterexample (G R : list scope) : option access :=
  find (fun a => negb (permits G a)) (map (canonAccess (freshFor (G ++ R))) (flat_map atomsOf R)).
Definition equivalent (A B : list scope) : bool := subsumes A B && subsumes B A.

(* Proofs. *)
Definition demandOk r d := match d with DV p v => existsb (matches v) (index r p) | DO t => opq r t end.

Lemma choices_iff r q :
  forallb (clauseOk r) q = true <-> exists ds, In ds (choices q) /\ forall d, In d ds -> demandOk r d = true.
Proof.
  induction q as [|c q IH]; simpl.
  - split; auto. exists []; simpl; intuition.
  - rewrite andb_true_iff, IH. destruct c as [p vs|t]; simpl.
    + rewrite existsb_exists. split.
      * intros [[v [V E]] [ds [D A]]]. exists (DV p v :: ds). split.
        -- apply in_flat_map. exists v; split; auto. now apply in_map.
        -- intros d [<-|I]; simpl; auto.
      * intros [ds [D A]]. apply in_flat_map in D as [v [V D]]. apply in_map_iff in D as [ds' [<- D]]. split.
        -- exists v; split; auto. apply (A (DV p v)); simpl; auto.
        -- exists ds'; split; auto. intros; apply A; simpl; auto.
    + split.
      * intros [T [ds [D A]]]. exists (DO t :: ds). split; [now apply in_map|]. intros d [<-|I]; simpl; auto.
      * intros [ds [D A]]. apply in_map_iff in D as [ds' [<- D]].
        split; [apply (A (DO t)); simpl; auto|].
        exists ds'; split; auto. intros; apply A; simpl; auto.
Qed.

Lemma canon_sat F ds d : Quiet F -> In d ds -> demandOk (canon F ds) d = true.
Proof.
  intros HF I. destruct d as [p v|t]; simpl; apply existsb_exists.
  - exists (inst F v). split; [|now apply inst_ok]. apply in_flat_map. exists (DV p v).
    rewrite Nat.eqb_refl. simpl; auto.
  - exists (DO t). rewrite Nat.eqb_refl; auto.
Qed.

Lemma canon_weakest F q ds r : Quiet F -> ~ In F (flat_map clauseWords q) ->
  (forall d, In d ds -> demandOk r d = true) ->
  forallb (clauseOk (canon F ds)) q = true -> forallb (clauseOk r) q = true.
Proof.
  intros HF N A. rewrite !forallb_forall. intros H c I. specialize (H c I). destruct c as [p vs|t]; simpl in *.
  - apply existsb_exists in H as [v [V H]]. apply existsb_exists in H as [i [Ii M]].
    apply in_flat_map in Ii as [d [D Ii]]. destruct d as [p' w|]; [|destruct Ii].
    destruct (p' =? p) eqn:E; [|destruct Ii]. apply Nat.eqb_eq in E as ->. destruct Ii as [<-|[]].
    apply A in D. simpl in D. apply existsb_exists in D as [i [Ii Mw]].
    apply existsb_exists. exists v; split; auto. apply existsb_exists. exists i; split; auto.
    eapply generic; eauto. intro H; apply N. apply in_flat_map. exists (Interp p vs); split; auto.
    simpl. apply in_flat_map; eauto.
  - apply existsb_exists in H as [d [D E]]. destruct d as [|t']; [discriminate|].
    apply Nat.eqb_eq in E as ->. apply A in D; auto.
Qed.

Lemma freshFor_not_in G s : In s G -> ~ In (freshFor G) (scopeWords s).
Proof.
  intros I V. assert (In (freshFor G) (flat_map scopeWords G)) as H by (apply in_flat_map; eauto).
  pose proof (fresh_ge (S (list_max (flat_map scopeWords G)))) as L. unfold freshFor in *.
  pose proof (proj1 (list_max_le (flat_map scopeWords G) (list_max (flat_map scopeWords G))) (le_n _)) as M.
  rewrite Forall_forall in M. apply M in H. lia.
Qed.
Lemma freshFor_quiet G : Quiet (freshFor G).
Proof. intro; apply fresh_fold. Qed.

Lemma permits_iff G a : permits G a = true <-> exists s, In s G /\ permits1 s a = true.
Proof. apply existsb_exists. Qed.
Lemma permits1_iff s a : permits1 s a = true <->
  includes (lvl s) (alvl a) = true /\ tyOk (ty s) (aty a) = true /\ In (aperm a) (perms s) /\
  forallb (clauseOk (ares a)) (query s) = true.
Proof.
  unfold permits1. rewrite !andb_true_iff, existsb_exists. split.
  - intros [[[A B] [p [C E]]] D]. apply Nat.eqb_eq in E as ->. auto.
  - intros [A [B [C D]]]. repeat split; auto. exists (aperm a). now rewrite Nat.eqb_refl.
Qed.
Lemma permits_app A B a : permits (A ++ B) a = permits A a || permits B a.
Proof. apply existsb_app. Qed.
Lemma atomsOf_iff s a : In a (atomsOf s) <->
  atLvl a = lvl s /\ atTy a = ty s /\ In (atPerm a) (perms s) /\ In (atDs a) (choices (query s)).
Proof.
  unfold atomsOf. rewrite in_flat_map. split.
  - intros [ds [D I]]. apply in_map_iff in I as [p [<- P]]. auto.
  - destruct a as [l t p ds]; simpl. intros [-> [-> [P D]]]. exists ds; split; auto. apply in_map_iff; eauto.
Qed.

(* What an atom permits, without a procedure. *)
Definition atomOk (a : atom) (x : access) : Prop :=
  includes (atLvl a) (alvl x) = true /\ tyOk (atTy a) (aty x) = true /\ aperm x = atPerm a /\
  forall d, In d (atDs a) -> demandOk (ares x) d = true.

(* A scope permits what one of its atoms permits. *)
Lemma permits_atoms s x : permits1 s x = true <-> exists a, In a (atomsOf s) /\ atomOk a x.
Proof.
  rewrite permits1_iff, choices_iff. split.
  - intros [L [T [P [ds [D A]]]]]. exists {| atLvl := lvl s; atTy := ty s; atPerm := aperm x; atDs := ds |}.
    split; [apply atomsOf_iff; auto|repeat split; auto].
  - intros [a [I [L [T [P A]]]]]. apply atomsOf_iff in I as [<- [<- [I D]]]. rewrite P. repeat split; eauto.
Qed.
Lemma permits_atoms_set G x : permits G x = true <-> exists a, In a (flat_map atomsOf G) /\ atomOk a x.
Proof.
  rewrite permits_iff. split.
  - intros [s [S P]]. apply permits_atoms in P as [a [I O]]. exists a; split; auto. apply in_flat_map; eauto.
  - intros [a [I O]]. apply in_flat_map in I as [s [S I]]. exists s; split; auto. apply permits_atoms; eauto.
Qed.

(* An atom permits its canonical access. *)
Lemma atomOk_canon F a : Quiet F -> atomOk a (canonAccess F a).
Proof.
  intros Q. repeat split; simpl; auto using includes_refl.
  - destruct (atTy a); simpl; auto using Nat.eqb_refl.
  - intros; now apply canon_sat.
Qed.

(* A scope that permits the canonical access of an atom permits everything that the atom permits. *)
Lemma canon_weakest_scope F g a x : Quiet F -> ~ In F (scopeWords g) ->
  permits1 g (canonAccess F a) = true -> atomOk a x -> permits1 g x = true.
Proof.
  intros Q N P [L [T [E A]]]. apply permits1_iff in P as [L' [T' [P' Q']]]. simpl in *. unfold scopeWords in N.
  apply permits1_iff. rewrite E. repeat split; eauto using includes_trans.
  - destruct (ty g) as [tg|]; simpl in *; auto. apply Nat.eqb_eq in T'. destruct (atTy a) as [t|]; simpl in *.
    + apply Nat.eqb_eq in T. apply Nat.eqb_eq. congruence.
    + subst tg. exfalso; apply N; auto.
  - eapply canon_weakest; eauto. intro I; apply N, in_or_app; auto.
Qed.

Lemma coveredWith_correct F G R : Quiet F -> (forall g, In g G -> ~ In F (scopeWords g)) ->
  coveredWith F G R = true <-> forall a, permits R a = true -> permits G a = true.
Proof.
  intros Q N. unfold coveredWith. rewrite forallb_forall. split.
  - intros H x P. apply permits_atoms_set in P as [a [I O]]. specialize (H a I).
    apply permits_iff in H as [g [Gi H]]. apply permits_iff. exists g; split; auto.
    eapply canon_weakest_scope; eauto.
  - intros H a I. apply H. apply permits_atoms_set. exists a; split; auto. now apply atomOk_canon.
Qed.

(* Sound and complete, for every meaning of the opaque clauses. *)
Theorem subsumes_correct G R : subsumes G R = true <-> forall a, permits R a = true -> permits G a = true.
Proof. apply coveredWith_correct; [apply freshFor_quiet|apply freshFor_not_in]. Qed.

(* Every set covers itself. *)
Theorem subsumes_refl G : subsumes G G = true.
Proof. apply subsumes_correct; auto. Qed.
(* What covers a set covers all that the set covers. *)
Theorem subsumes_trans A B C : subsumes A B = true -> subsumes B C = true -> subsumes A C = true.
Proof. rewrite !subsumes_correct; auto. Qed.

(* A counterexample is permitted by what was requested and not by what was granted. *)
Theorem counterexample_sound G R a : counterexample G R = Some a -> permits R a = true /\ permits G a = false.
Proof.
  intros H. apply find_some in H as [I N]. apply negb_true_iff in N. split; auto.
  apply in_map_iff in I as [x [<- I]]. apply permits_atoms_set. exists x; split; auto.
  apply atomOk_canon, freshFor_quiet.
Qed.

(* There is a counterexample exactly when the requested set is not covered. *)
Theorem counterexample_complete G R : counterexample G R = None <-> subsumes G R = true.
Proof.
  rewrite subsumes_correct, <- (coveredWith_correct (freshFor (G ++ R)));
    [|apply freshFor_quiet|intros; apply freshFor_not_in, in_or_app; auto].
  unfold counterexample, coveredWith. rewrite forallb_forall. split.
  - intros H a I. eapply find_none in H; [|apply in_map, I]. now apply negb_false_iff in H.
  - intros H. destruct (find _ _) eqn:E; auto. exfalso. apply find_some in E as [I N].
    apply in_map_iff in I as [x [<- I]]. rewrite H in N; [discriminate|auto].
Qed.

(* Equivalent means that both sets permit the same. *)
Theorem equivalent_correct A B : equivalent A B = true <-> forall a, permits A a = permits B a.
Proof.
  unfold equivalent. rewrite andb_true_iff, !subsumes_correct. split.
  - intros [H K] a. specialize (H a); specialize (K a).
    destruct (permits A a), (permits B a); intuition congruence.
  - intros H. split; intros a; now rewrite H.
Qed.

(* An opaque clause (a date, a number, a quantity, a modifier) is covered by no other clause than itself. *)
Theorem opaque_only_itself l t p o q :
  subsumes [{| lvl := l; ty := t; perms := [p]; query := [q] |}]
           [{| lvl := l; ty := t; perms := [p]; query := [Opaque o] |}] = true -> q = Opaque o.
Proof.
  rewrite subsumes_correct. intros H.
  set (x := {| alvl := l; aty := match t with Some t => t | None => 0 end; aperm := p;
               ares := {| index := fun _ => []; opq := fun t => t =? o |} |}).
  assert (permits1 {| lvl := l; ty := t; perms := [p]; query := [Opaque o] |} x = true) as P.
  { apply permits1_iff. simpl. rewrite includes_refl, Nat.eqb_refl. repeat split; auto.
    destruct t; simpl; auto using Nat.eqb_refl. }
  specialize (H x). simpl in H. rewrite !orb_false_r in H. specialize (H P). apply permits1_iff in H as [_ [_ [_ H]]].
  simpl in H. rewrite andb_true_r in H. destruct q as [k vs|u]; simpl in H.
  - exfalso. induction vs; simpl in H; [discriminate|auto].
  - apply Nat.eqb_eq in H. now subst.
Qed.
End Scopes.
