(* Atoms are joined to scopes: permissions under the same query are merged, and queries that differ in one clause become
   one query with a comma list. *)
Require Export Algebra Sorting.

Definition qval_dec (a b : qval) : {a = b} + {a <> b}.
Proof. decide equality; try apply Nat.eq_dec; apply list_eq_dec, Nat.eq_dec. Defined.
Definition clause_dec (a b : clause) : {a = b} + {a <> b}.
Proof. decide equality; try apply Nat.eq_dec; apply list_eq_dec, qval_dec. Defined.
Definition query_dec := list_eq_dec clause_dec.
Definition perms_dec := list_eq_dec Nat.eq_dec.
Definition ty_dec (a b : option word) : {a = b} + {a <> b}.
Proof. decide equality; apply Nat.eq_dec. Defined.

Definition keyV (v : qval) : list nat := match v with
  | QSysCode s c => [0; s; c] | QCode c => [1; c] | QNoSys c => [2; c] | QSys s => [3; s] | QBar => [4]
  | QRef t i => [5; t; i] | QId i => [6; i] | QUrl u => [7; u] | QUri u => [8; u] | QPrefix p => 9 :: p
  | QExact s => 10 :: s end.
Lemma keyV_inj v w : keyV v = keyV w -> v = w.
Proof. destruct v, w; simpl; congruence. Qed.

Definition clauseOf (d : demand) : clause := match d with DV p v => Interp p [v] | DO t => Opaque t end.
Definition scopeOf (a : atom) : scope :=
  {| lvl := atLvl a; ty := atTy a; perms := [atPerm a]; query := map clauseOf (atDs a) |}.

(* `name` and `name:exact` are not joined: they are different clauses of one parameter. *)
Definition isExact (v : qval) : bool := match v with QExact _ => true | _ => false end.
Definition joinClauses (c d : clause) : option clause :=
  if clause_dec c d then Some c else
  match c, d with
  | Interp p (v :: vs), Interp p' (w :: ws) =>
      if (p =? p') && eqb (isExact v) (isExact w) then Some (Interp p (sortu keyV ((v :: vs) ++ w :: ws))) else None
  | _, _ => None
  end.
(* Queries that differ at one place only. *)
Fixpoint joinAt (place : nat) (q q' : list clause) : option (list clause) :=
  match place, q, q' with
  | 0, c :: q, d :: q' => if query_dec q q' then option_map (fun j => j :: q) (joinClauses c d) else None
  | S place, c :: q, d :: q' => if clause_dec c d then option_map (cons c) (joinAt place q q') else None
  | _, _, _ => None
  end.
Definition sameHead (s t : scope) : bool := level_eqb (lvl s) (lvl t) && if ty_dec (ty s) (ty t) then true else false.
Definition joinScopes (place : nat) (s t : scope) : option scope :=
  if sameHead s t && (if perms_dec (perms s) (perms t) then true else false)
  then option_map (fun q => {| lvl := lvl s; ty := ty s; perms := perms s; query := q |})
         (joinAt place (query s) (query t))
  else None.
Definition mergeScopes (s t : scope) : option scope :=
  if sameHead s t && (if query_dec (query s) (query t) then true else false)
  then Some {| lvl := lvl s; ty := ty s; perms := sortu (fun p => [p]) (perms s ++ perms t); query := query s |} else None.

Section Joining.
Variable join : scope -> scope -> option scope.
(* A scope joins the first with which it can be joined. *)
Fixpoint insertJoined (s : scope) (l : list scope) : list scope :=
  match l with [] => [s] | t :: l => match join t s with Some j => j :: l | None => t :: insertJoined s l end end.
Definition joinAll (l : list scope) : list scope := fold_left (fun done s => insertJoined s done) l [].
End Joining.

Definition width (l : list scope) : nat := list_max (map (fun s => length (query s)) l).
Fixpoint firstShorter (places : list nat) (l : list scope) : option (list scope) :=
  match places with
  | [] => None
  | i :: places => let r := joinAll (joinScopes i) l in if length r <? length l then Some r else firstShorter places l
  end.
(* Place by place, until nothing changes. *)
Fixpoint factored (fuel : nat) (l : list scope) : list scope :=
  match fuel with
  | 0 => l
  | S fuel => match firstShorter (seq 0 (width l)) l with Some r => factored fuel r | None => l end
  end.
Definition assemble (atoms : list atom) : list scope :=
  let l := joinAll mergeScopes (map scopeOf atoms) in factored (length l) l.

(* Joining keeps the atoms. *)
Definition Joins (join : scope -> scope -> option scope) : Prop :=
  forall s t j, join s t = Some j -> forall a, In a (atomsOf j) <-> In a (atomsOf s) \/ In a (atomsOf t).

Lemma choices_clauseOf ds : choices (map clauseOf ds) = [ds].
Proof. induction ds as [|[p v|t] ds IH]; simpl; rewrite ?IH; auto. Qed.
Lemma atomsOf_scopeOf a : atomsOf (scopeOf a) = [a].
Proof. unfold atomsOf, scopeOf. simpl. rewrite choices_clauseOf. destruct a; reflexivity. Qed.

Lemma joinClauses_choices c d j rest : joinClauses c d = Some j ->
  forall ds, In ds (choices (j :: rest)) <-> In ds (choices (c :: rest)) \/ In ds (choices (d :: rest)).
Proof.
  unfold joinClauses. destruct (clause_dec c d) as [->|]; [intros [= <-]; tauto|].
  destruct c as [p [|v vs]|], d as [p' [|w ws]|]; try discriminate.
  destruct ((p =? p') && eqb (isExact v) (isExact w)) eqn:E; [|discriminate]. intros [= <-].
  apply andb_true_iff in E as [E _]. apply Nat.eqb_eq in E as <-. intros ds.
  assert (forall l, In ds (choices (Interp p l :: rest)) <->
    exists v, In v l /\ In ds (map (cons (DV p v)) (choices rest))) as H by (intros; apply in_flat_map).
  rewrite !H. split.
  - intros [x [X I]]. apply (sortu_in keyV keyV_inj ((v :: vs) ++ w :: ws)) in X.
    apply in_app_iff in X as [X|X]; eauto.
  - intros [[x [X I]]|[x [X I]]]; exists x; split; auto;
      apply (sortu_in keyV keyV_inj ((v :: vs) ++ w :: ws)), in_app_iff; auto.
Qed.
Lemma choices_cons c q q' : (forall ds, In ds (choices q) <-> In ds (choices q')) ->
  forall ds, In ds (choices (c :: q)) <-> In ds (choices (c :: q')).
Proof.
  intros H ds. destruct c as [p vs|t]; simpl.
  - rewrite !in_flat_map. split; intros [v [V I]]; exists v; split; auto; apply in_map_iff in I as [e [<- I]];
      apply in_map; now apply H.
  - split; intros I; apply in_map_iff in I as [e [<- I]]; apply in_map; now apply H.
Qed.
Lemma choices_cons_or c q q' j : (forall ds, In ds (choices j) <-> In ds (choices q) \/ In ds (choices q')) ->
  forall ds, In ds (choices (c :: j)) <-> In ds (choices (c :: q)) \/ In ds (choices (c :: q')).
Proof.
  intros H ds. destruct c as [p vs|t]; simpl.
  - rewrite !in_flat_map. split.
    + intros [v [V I]]. apply in_map_iff in I as [e [<- I]]. apply H in I as [I|I]; [left|right]; exists v; split; auto;
        now apply in_map.
    + intros [[v [V I]]|[v [V I]]]; exists v; split; auto; apply in_map_iff in I as [e [<- I]]; apply in_map, H; auto.
  - split.
    + intros I. apply in_map_iff in I as [e [<- I]]. apply H in I as [I|I]; [left|right]; now apply in_map.
    + intros [I|I]; apply in_map_iff in I as [e [<- I]]; apply in_map, H; auto.
Qed.
Lemma joinAt_choices i q q' j : joinAt i q q' = Some j ->
  forall ds, In ds (choices j) <-> In ds (choices q) \/ In ds (choices q').
Proof.
  revert q q' j; induction i as [|i IH]; intros [|c q] [|d q'] j; cbn [joinAt]; try discriminate.
  - destruct (query_dec q q') as [->|]; [|discriminate]. destruct (joinClauses c d) as [k|] eqn:E; [|discriminate].
    intros [= <-]. now apply joinClauses_choices.
  - destruct (clause_dec c d) as [->|]; [|discriminate]. destruct (joinAt i q q') as [k|] eqn:E; [|discriminate].
    intros [= <-]. apply choices_cons_or. eauto.
Qed.
Lemma sameHead_eq s t : sameHead s t = true -> lvl s = lvl t /\ ty s = ty t.
Proof.
  unfold sameHead. rewrite andb_true_iff, level_eqb_eq. destruct (ty_dec (ty s) (ty t)); intuition discriminate.
Qed.
Lemma joinScopes_joins i : Joins (joinScopes i).
Proof.
  intros s t j. unfold joinScopes. destruct (sameHead s t) eqn:H; [|discriminate]. apply sameHead_eq in H as [L T].
  destruct (perms_dec (perms s) (perms t)) as [P|]; [|discriminate]. simpl.
  destruct (joinAt i (query s) (query t)) as [q|] eqn:E; [|discriminate]. intros [= <-] a.
  rewrite !atomsOf_iff. simpl. rewrite (joinAt_choices _ _ _ _ E), <- L, <- T, <- P. tauto.
Qed.
Lemma mergeScopes_joins : Joins mergeScopes.
Proof.
  intros s t j. unfold mergeScopes. destruct (sameHead s t) eqn:H; [|discriminate]. apply sameHead_eq in H as [L T].
  destruct (query_dec (query s) (query t)) as [Q|]; [|discriminate]. simpl. intros [= <-] a.
  rewrite !atomsOf_iff. simpl. rewrite sortu_in, in_app_iff, <- L, <- T, <- Q by congruence. tauto.
Qed.

Lemma insertJoined_atoms join s l : Joins join ->
  forall a, In a (flat_map atomsOf (insertJoined join s l)) <-> In a (atomsOf s) \/ In a (flat_map atomsOf l).
Proof.
  intros J a. induction l as [|t l IH]; simpl; [rewrite app_nil_r; tauto|].
  destruct (join t s) as [j|] eqn:E; simpl; rewrite !in_app_iff.
  - rewrite (J _ _ _ E). tauto.
  - rewrite IH. tauto.
Qed.
Lemma joinAll_atoms join l : Joins join ->
  forall a, In a (flat_map atomsOf (joinAll join l)) <-> In a (flat_map atomsOf l).
Proof.
  intros J a. unfold joinAll.
  assert (forall done, In a (flat_map atomsOf (fold_left (fun done s => insertJoined join s done) l done)) <->
    In a (flat_map atomsOf done) \/ In a (flat_map atomsOf l)) as H.
  { induction l as [|s l IH]; intros done; simpl; [tauto|]. rewrite IH, insertJoined_atoms, in_app_iff by auto. tauto. }
  rewrite H. simpl. tauto.
Qed.
Lemma factored_atoms fuel l a : In a (flat_map atomsOf (factored fuel l)) <-> In a (flat_map atomsOf l).
Proof.
  revert l; induction fuel as [|fuel IH]; intros l; simpl; [tauto|].
  assert (forall places r, firstShorter places l = Some r -> In a (flat_map atomsOf r) <-> In a (flat_map atomsOf l)) as H.
  { induction places as [|i places IHp]; simpl; [discriminate|]. intros r.
    destruct (_ <? _); auto. intros [= <-]. apply joinAll_atoms, joinScopes_joins. }
  destruct (firstShorter _ l) as [r|] eqn:E; [|tauto]. rewrite IH. eauto.
Qed.

(* Joining atoms to scopes keeps exactly these atoms: none is lost and none is added. *)
Theorem assemble_atoms l a : In a (flat_map atomsOf (assemble l)) <-> In a l.
Proof.
  unfold assemble. rewrite factored_atoms, joinAll_atoms by apply mergeScopes_joins.
  rewrite in_flat_map. setoid_rewrite in_map_iff. split.
  - intros [s [[b [<- B]] I]]. rewrite atomsOf_scopeOf in I. destruct I as [<-|[]]. auto.
  - intros I. exists (scopeOf a). split; eauto. rewrite atomsOf_scopeOf. simpl; auto.
Qed.

Section Uncovered.
Context {W : World}.

(* The part of the requested set that the granted set does not cover. *)
Definition missingAtoms (G : list scope) (s : scope) : list atom :=
  filter (fun a => negb (permits G (canonAccess (freshFor G) a))) (atomsOf s).
Definition uncovered (G R : list scope) : list scope :=
  flat_map (fun s =>
    if subsumes G [s] then []
    else if length (missingAtoms G s) =? length (atomsOf s) then [s] else assemble (missingAtoms G s)) R.

Lemma filter_full {A} (f : A -> bool) l : length (filter f l) = length l -> filter f l = l.
Proof.
  induction l as [|x l IH]; simpl; auto. destruct (f x); simpl; intros E; [f_equal; auto|].
  exfalso. assert (forall m : list A, length (filter f m) <= length m) as H by (induction m; simpl; [lia|destruct (f _); simpl; lia]).
  specialize (H l). lia.
Qed.
Lemma uncovered_atoms G R a : In a (flat_map atomsOf (uncovered G R)) <->
  In a (flat_map atomsOf R) /\ permits G (canonAccess (freshFor G) a) = false.
Proof.
  unfold uncovered. induction R as [|s R IH]; simpl; [tauto|]. rewrite flat_map_app, !in_app_iff, IH. clear IH.
  assert (In a (flat_map atomsOf (if subsumes G [s] then []
    else if length (missingAtoms G s) =? length (atomsOf s) then [s] else assemble (missingAtoms G s))) <->
    In a (atomsOf s) /\ permits G (canonAccess (freshFor G) a) = false) as ->; [|tauto].
  assert (In a (missingAtoms G s) <-> In a (atomsOf s) /\ permits G (canonAccess (freshFor G) a) = false) as M.
  { unfold missingAtoms. rewrite filter_In, negb_true_iff. tauto. }
  destruct (subsumes G [s]) eqn:E; simpl.
  - split; [tauto|]. intros [I N]. unfold subsumes, coveredWith in E. rewrite forallb_forall in E.
    rewrite E in N; [discriminate|]. simpl. rewrite app_nil_r. auto.
  - destruct (_ =? _) eqn:L; simpl.
    + rewrite app_nil_r. apply Nat.eqb_eq, filter_full in L. unfold missingAtoms in M at 1. rewrite L in M. exact M.
    + rewrite assemble_atoms. exact M.
Qed.

(* The uncovered part lies within the request. *)
Theorem uncovered_within G R x : permits (uncovered G R) x = true -> permits R x = true.
Proof.
  rewrite !permits_atoms_set. intros [a [I O]]. apply uncovered_atoms in I as [I _]. eauto.
Qed.
(* The granted set together with the uncovered part covers the request. *)
Theorem uncovered_completes G R x : permits R x = true -> permits G x = true \/ permits (uncovered G R) x = true.
Proof.
  intros P. apply permits_atoms_set in P as [a [I O]].
  destruct (permits G (canonAccess (freshFor G) a)) eqn:E.
  - left. apply permits_iff in E as [g [Gi E]]. apply permits_iff. exists g; split; auto.
    eapply canon_weakest_scope; eauto using freshFor_quiet, freshFor_not_in.
  - right. apply permits_atoms_set. exists a; split; auto. now apply uncovered_atoms.
Qed.
(* Nothing in the uncovered part is superfluous: of each of its atoms, the granted set does not permit the canonical access. *)
Theorem uncovered_minimal G R a :
  In a (flat_map atomsOf (uncovered G R)) -> permits G (canonAccess (freshFor G) a) = false.
Proof. intros I. now apply uncovered_atoms in I. Qed.
(* Nothing is uncovered exactly when the request is covered. *)
Theorem uncovered_nothing G R : (forall x, permits (uncovered G R) x = false) <-> subsumes G R = true.
Proof.
  rewrite subsumes_correct. split.
  - intros H x P. destruct (uncovered_completes G R x P) as [Q|Q]; auto. now rewrite H in Q.
  - intros H x. destruct (permits (uncovered G R) x) eqn:P; auto. apply permits_atoms_set in P as [a [I O]].
    apply uncovered_atoms in I as [I N]. rewrite H in N; [discriminate|]. apply permits_atoms_set.
    exists a; split; auto. apply atomOk_canon, freshFor_quiet.
Qed.
End Uncovered.
