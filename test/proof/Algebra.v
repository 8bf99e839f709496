(* The algebra of scope sets: disjoint, and intersect as it is computed. *)
Require Export Levels.

(* Every clause has a value: the reader refuses an empty value. *)
Definition wfClause (c : clause) : bool := match c with Interp _ [] => false | _ => true end.
Definition wf (G : list scope) : Prop := forall s, In s G -> forallb wfClause (query s) = true.

Definition isNil {A} (l : list A) : bool := match l with [] => true | _ => false end.
Lemma isNil_false {A} (l : list A) : isNil l = false <-> exists x, In x l.
Proof. destruct l; simpl; split; try congruence; eauto. intros [x []]. Qed.

Definition tyMeets (t u : option word) : bool := match t, u with Some a, Some b => a =? b | _, _ => true end.
Definition tyMeet (t u : option word) : option word := match t with None => u | Some _ => t end.
Definition shared (ps qs : list nat) : list nat := filter (fun p => existsb (Nat.eqb p) qs) ps.

Lemma shared_iff p ps qs : In p (shared ps qs) <-> In p ps /\ In p qs.
Proof.
  unfold shared. rewrite filter_In, existsb_exists. split.
  - intros [I [q [J E]]]. apply Nat.eqb_eq in E as ->. auto.
  - intros [I J]. split; auto. exists p. now rewrite Nat.eqb_refl.
Qed.
Lemma tyMeet_ok t u T : tyOk t T = true /\ tyOk u T = true <-> tyMeets t u = true /\ tyOk (tyMeet t u) T = true.
Proof.
  destruct t as [a|], u as [b|]; simpl; rewrite ?Nat.eqb_eq; intuition congruence.
Qed.
Lemma choices_exist q : forallb wfClause q = true -> exists ds, In ds (choices q).
Proof.
  induction q as [|c q IH]; simpl; [exists []; auto|]. rewrite andb_true_iff. intros [C Q].
  destruct (IH Q) as [ds D]. destruct c as [p [|v vs]|t]; try discriminate; simpl.
  - exists (DV p v :: ds). apply in_or_app; left. now apply in_map.
  - exists (DO t :: ds). now apply in_map.
Qed.

Section Algebra.
Context {W : World}.

(* Queries do not matter: a resource may have any number of values, so one resource can satisfy two queries. *)
Definition disjoint1 (s t : scope) : bool :=
  negb (tyMeets (ty s) (ty t) && negb (isNil (shared (perms s) (perms t))) && negb (isNil (commonLevels (lvl s) (lvl t)))).
Definition disjoint (A B : list scope) : bool := forallb (fun s => forallb (disjoint1 s) B) A.

(* Two sets that are disjoint by the procedure have no access in common. *)
Theorem disjoint_sound A B a : disjoint A B = true -> permits A a = true -> permits B a = true -> False.
Proof.
  intros D P Q. apply permits_iff in P as [s [S P]]. apply permits_iff in Q as [t [T Q]].
  unfold disjoint in D. rewrite forallb_forall in D. specialize (D s S). rewrite forallb_forall in D. specialize (D t T).
  apply permits1_iff in P as [L [Y [I _]]]. apply permits1_iff in Q as [M [Z [J _]]].
  apply negb_true_iff in D. apply not_true_iff_false in D. apply D. rewrite !andb_true_iff, !negb_true_iff, !isNil_false.
  repeat split.
  - now apply (tyMeet_ok _ _ (aty a)).
  - exists (aperm a). now apply shared_iff.
  - destruct (commonLevels_complete _ _ _ L M) as [c [C _]]; eauto.
Qed.

(* Two sets that are not disjoint by the procedure have an access in common. *)
Theorem disjoint_complete A B : wf A -> wf B -> disjoint A B = false ->
  exists a, permits A a = true /\ permits B a = true.
Proof.
  intros WA WB D. unfold disjoint in D.
  assert (exists s t, In s A /\ In t B /\ disjoint1 s t = false) as [s [t [S [T E]]]].
  { apply not_true_iff_false in D. rewrite forallb_forall in D.
    destruct (existsb (fun s => negb (forallb (disjoint1 s) B)) A) eqn:X.
    - apply existsb_exists in X as [s [S X]]. destruct (existsb (fun t => negb (disjoint1 s t)) B) eqn:Y.
      + apply existsb_exists in Y as [t [T Y]]. apply negb_true_iff in Y. eauto.
      + exfalso. apply negb_true_iff, not_true_iff_false in X. apply X. apply forallb_forall. intros t T.
        destruct (disjoint1 s t) eqn:Z; auto. rewrite <- Y. apply existsb_exists. exists t. now rewrite Z.
    - exfalso. apply D. intros s S. destruct (forallb (disjoint1 s) B) eqn:Z; auto. rewrite <- X.
      apply existsb_exists. exists s. now rewrite Z. }
  apply negb_false_iff in E. rewrite !andb_true_iff, !negb_true_iff, !isNil_false in E.
  destruct E as [[Y [p P]] [l L]]. apply shared_iff in P as [P Q].
  destruct (choices_exist _ (WA s S)) as [d D1]. destruct (choices_exist _ (WB t T)) as [e E1].
  set (F := freshFor []). pose proof (freshFor_quiet []) as HF. fold F in HF.
  set (x := {| alvl := l; aty := match tyMeet (ty s) (ty t) with Some u => u | None => 0 end; aperm := p;
               ares := canon F (d ++ e) |}).
  apply commonLevels_sound in L as [L M]. exists x.
  assert (tyOk (ty s) (aty x) = true /\ tyOk (ty t) (aty x) = true) as [O1 O2].
  { apply tyMeet_ok. split; auto. simpl. destruct (tyMeet (ty s) (ty t)); simpl; auto using Nat.eqb_refl. }
  split; apply permits_iff; [exists s|exists t]; split; auto; apply permits1_iff; repeat split; auto;
    apply choices_iff; [exists d|exists e]; split; auto; intros; apply canon_sat; auto; apply in_or_app; auto.
Qed.

(* A clause of `*` that moves to a type is read again, by the type of the parameter there. *)
Variable moved : word -> clause -> clause.
Definition movedTo (from to : option word) (q : list clause) : list clause :=
  match from, to with None, Some T => map (moved T) q | _, _ => q end.

(* The meet of two scopes: the levels, type and permissions that they share, and all clauses of both. *)
Definition meet (s t : scope) : list scope :=
  let u := tyMeet (ty s) (ty t) in
  if tyMeets (ty s) (ty t) && negb (isNil (shared (perms s) (perms t))) then
    map (fun l => {| lvl := l; ty := u; perms := shared (perms s) (perms t);
                     query := movedTo (ty s) u (query s) ++ movedTo (ty t) u (query t) |}) (commonLevels (lvl s) (lvl t))
  else [].
(* Clauses of `*` mean the same for every type. *)
Definition stable (G : list scope) := forall s, In s G -> ty s = None -> forall T, map (moved T) (query s) = query s.

Lemma movedTo_stable s u : (ty s = None -> forall T, map (moved T) (query s) = query s) -> movedTo (ty s) u (query s) = query s.
Proof. unfold movedTo. destruct (ty s), u; auto. Qed.

Lemma meet_means s t x :
  movedTo (ty s) (tyMeet (ty s) (ty t)) (query s) = query s ->
  movedTo (ty t) (tyMeet (ty s) (ty t)) (query t) = query t ->
  permits (meet s t) x = permits1 s x && permits1 t x.
Proof.
  intros A B. apply eq_true_iff_eq. rewrite andb_true_iff, !permits1_iff, permits_iff. unfold meet. rewrite A, B. split.
  - intros [m [I P]]. destruct (tyMeets _ _) eqn:Y; [|destruct I]. destruct (isNil _); [destruct I|]. simpl in I.
    apply in_map_iff in I as [l [<- L]]. apply permits1_iff in P as [P [T [J Q]]]. simpl in *.
    apply commonLevels_sound in L as [L M]. apply shared_iff in J as [J K].
    rewrite forallb_app, andb_true_iff in Q. destruct Q as [Q Q'].
    destruct (tyMeet_ok (ty s) (ty t) (aty x)) as [_ H]. destruct (H (conj Y T)).
    repeat split; eauto using includes_trans.
  - intros [[L [Y [J Q]]] [M [Z [K Q']]]]. destruct (commonLevels_complete _ _ _ L M) as [l [I H]].
    destruct (proj1 (tyMeet_ok (ty s) (ty t) (aty x)) (conj Y Z)) as [E O]. rewrite E.
    assert (In (aperm x) (shared (perms s) (perms t))) as P by now apply shared_iff.
    replace (isNil (shared (perms s) (perms t))) with false by (symmetry; apply isNil_false; eauto). simpl.
    eexists. split; [apply in_map_iff; exists l; split; [reflexivity|auto]|].
    apply permits1_iff; simpl. rewrite forallb_app, Q, Q'. auto.
Qed.
Lemma meet_exact s t x : stable [s; t] -> permits (meet s t) x = permits1 s x && permits1 t x.
Proof. intros ST. apply meet_means; apply movedTo_stable, ST; simpl; auto. Qed.

(* A meet that moves a clause is kept only when both sides cover it. *)
Definition movesClause (s t : scope) : bool :=
  match ty s, ty t with
  | None, Some _ => negb (isNil (query s)) | Some _, None => negb (isNil (query t)) | _, _ => false end.
Definition soundMeet (L : list scope) (s t : scope) : list scope :=
  if movesClause s t then filter (fun m => subsumes [s] [m] && subsumes L [m]) (meet s t) else meet s t.

Lemma meet_unmoved s t x : movesClause s t = false -> permits (meet s t) x = permits1 s x && permits1 t x.
Proof.
  unfold movesClause. intros M. apply meet_means; unfold movedTo; destruct (ty s), (ty t); simpl; auto.
  - now destruct (query s).
  - now destruct (query t).
Qed.

(* Scopes are left out, from the last on, when the others cover them. *)
Fixpoint prune (kept before : list scope) : list scope :=
  match before with
  | [] => kept
  | s :: before => if subsumes (rev before ++ kept) [s] then prune kept before else prune (s :: kept) before
  end.
Definition withoutRedundant (G : list scope) : list scope := prune [] (rev G).

Lemma permits_single s a : permits [s] a = permits1 s a.
Proof. simpl. apply orb_false_r. Qed.
Lemma prune_means kept before a : permits (prune kept before) a = permits (rev before ++ kept) a.
Proof.
  revert kept; induction before as [|s before IH]; intros kept; simpl; auto.
  rewrite <- app_assoc. simpl. destruct (subsumes _ _) eqn:E; rewrite IH.
  - apply eq_true_iff_eq. split.
    + rewrite !permits_app. simpl. rewrite !orb_true_iff. tauto.
    + rewrite subsumes_correct in E. specialize (E a). rewrite permits_single in E.
      rewrite !permits_app in *. simpl. rewrite !orb_true_iff in *. tauto.
  - reflexivity.
Qed.
(* Leaving out redundant scopes keeps the meaning. *)
Theorem withoutRedundant_means G a : permits (withoutRedundant G) a = permits G a.
Proof. unfold withoutRedundant. now rewrite prune_means, rev_involutive, app_nil_r. Qed.

(* A scope split by permission into the part that a set covers and the rest. *)
Definition part (s : scope) (ps : list nat) : scope := {| lvl := lvl s; ty := ty s; perms := ps; query := query s |}.
Definition partOf (s : scope) (ps : list nat) : list scope := if isNil ps then [] else [part s ps].
Definition coveredPart (G : list scope) (s : scope) : list scope :=
  partOf s (filter (fun p => subsumes G [part s [p]]) (perms s)).
Definition restPart (G : list scope) (s : scope) : list scope :=
  partOf s (filter (fun p => negb (subsumes G [part s [p]])) (perms s)).

(* What the requested scopes and the limit have in common, scope by scope. Parts of the limit that the request covers go
   to the first requested scope that has something in common with them. *)
Definition meets (s c : scope) : bool := negb (isNil (meet s c)).
Fixpoint common (L others pending R : list scope) : list scope :=
  match R with
  | [] => []
  | s :: R =>
    if subsumes L [s] then s :: common L others pending R
    else withoutRedundant (coveredPart L s ++ filter (meets s) pending ++
           flat_map (fun r => flat_map (soundMeet L r) others) (restPart L s))
         ++ common L others (filter (fun c => negb (meets s c)) pending) R
  end.
Definition intersect (R L : list scope) : list scope :=
  let kept := filter (fun s => subsumes L [s]) R in
  let partial := filter (fun s => negb (subsumes L [s])) R in
  let request := kept ++ partial in
  let known := kept ++ flat_map (coveredPart L) partial in
  let pending := filter (fun c => negb (subsumes known [c])) (flat_map (coveredPart request) L) in
  common L (flat_map (restPart request) L) pending R.

Lemma permits1_part s ps a : (forall p, In p ps -> In p (perms s)) ->
  permits1 (part s ps) a = true <-> permits1 s a = true /\ In (aperm a) ps.
Proof. intros H. rewrite !permits1_iff. simpl. intuition. Qed.
Lemma permits_partOf s f a :
  permits (partOf s (filter f (perms s))) a = true <-> permits1 s a = true /\ f (aperm a) = true.
Proof.
  unfold partOf. destruct (isNil _) eqn:E.
  - split; [discriminate|]. intros [P K]. exfalso. apply permits1_iff in P as [_ [_ [I _]]].
    destruct (filter f (perms s)) eqn:X; [|discriminate].
    assert (In (aperm a) (filter f (perms s))) as Y by (apply filter_In; auto). rewrite X in Y. destruct Y.
  - rewrite permits_single, permits1_part, filter_In; [|intros p; rewrite filter_In; tauto].
    rewrite permits1_iff. tauto.
Qed.
Lemma coveredPart_sub G s a : permits (coveredPart G s) a = true -> permits1 s a = true /\ permits G a = true.
Proof.
  intros P. apply permits_partOf in P as [P C]. split; auto. rewrite subsumes_correct in C. apply C.
  rewrite permits_single. apply permits1_part; simpl; auto. intros p [<-|[]]. now apply permits1_iff in P as [_ [_ [I _]]].
Qed.
Lemma permits_flat_map {A} (f : A -> list scope) l a :
  permits (flat_map f l) a = true <-> exists x, In x l /\ permits (f x) a = true.
Proof.
  rewrite permits_iff. split.
  - intros [s [I P]]. apply in_flat_map in I as [x [X I]]. exists x; split; auto. apply permits_iff; eauto.
  - intros [x [X P]]. apply permits_iff in P as [s [I P]]. exists s; split; auto. apply in_flat_map; eauto.
Qed.
Lemma parts_split G s a : permits1 s a = permits (coveredPart G s) a || permits (restPart G s) a.
Proof.
  apply eq_true_iff_eq. rewrite orb_true_iff. unfold coveredPart, restPart. rewrite !permits_partOf.
  destruct (subsumes G [part s [aperm a]]); simpl; intuition congruence.
Qed.
Lemma restPart_sub G s a : permits (restPart G s) a = true -> permits1 s a = true.
Proof. intros P. now apply permits_partOf in P as [P _]. Qed.

Lemma soundMeet_sub L s t a : permits (soundMeet L s t) a = true -> permits1 s a = true /\ (permits1 t a = true \/ permits L a = true).
Proof.
  unfold soundMeet. destruct (movesClause s t) eqn:M.
  - intros P. apply permits_iff in P as [m [I P]]. apply filter_In in I as [I H].
    rewrite andb_true_iff, !subsumes_correct in H. destruct H as [H K]. specialize (H a). specialize (K a).
    rewrite !permits_single in *. auto.
  - rewrite meet_unmoved by auto. rewrite andb_true_iff. tauto.
Qed.

Lemma filter_sub G P (Q : Prop) a : permits (filter P G) a = true -> (forall s, In s G -> P s = true -> permits1 s a = true -> Q) -> Q.
Proof. intros H K. apply permits_iff in H as [s [I H]]. apply filter_In in I as [I J]. eauto. Qed.

Lemma common_sub L others pending R0 R a :
  (forall s, In s R -> permits1 s a = true -> permits R0 a = true) ->
  (permits others a = true -> permits L a = true) ->
  (permits pending a = true -> permits R0 a = true /\ permits L a = true) ->
  permits (common L others pending R) a = true -> permits R0 a = true /\ permits L a = true.
Proof.
  revert pending. induction R as [|s R IH]; intros pending HR HO HP; simpl; [discriminate|].
  destruct (subsumes L [s]) eqn:E; simpl.
  - rewrite orb_true_iff. intros [P|P].
    + split; [apply (HR s); simpl; auto|]. rewrite subsumes_correct in E. apply E. now rewrite permits_single.
    + apply (IH pending); auto. intros s0 I0; apply HR; simpl; auto.
  - rewrite permits_app, orb_true_iff. intros [P|P].
    + rewrite withoutRedundant_means, !permits_app, !orb_true_iff in P. destruct P as [P|[P|P]].
      * apply coveredPart_sub in P as [P Q]. split; auto. apply (HR s); simpl; auto.
      * apply HP. apply permits_iff in P as [c [I P]]. apply filter_In in I as [I _]. apply permits_iff; eauto.
      * apply permits_flat_map in P as [r [Hr P]]. apply permits_flat_map in P as [o [Ho P]].
        apply soundMeet_sub in P as [P Q]. split.
        -- apply (HR s); simpl; auto. eapply restPart_sub. apply permits_iff; eauto.
        -- destruct Q as [Q|Q]; auto. apply HO, permits_iff; eauto.
    + apply (IH (filter (fun c => negb (meets s c)) pending)); auto; [intros s0 I0; apply HR; simpl; auto|].
      intros Q. apply HP. eapply filter_sub; eauto. intros c I _ K. apply permits_iff; eauto.
Qed.

Lemma request_permits R L a :
  permits (filter (fun s => subsumes L [s]) R ++ filter (fun s => negb (subsumes L [s])) R) a = permits R a.
Proof.
  apply eq_true_iff_eq. rewrite permits_app, orb_true_iff, !permits_iff. split.
  - intros [[s [I P]]|[s [I P]]]; apply filter_In in I as [I _]; eauto.
  - intros [s [I P]]. destruct (subsumes L [s]) eqn:E; [left|right]; exists s; split; auto; apply filter_In;
      rewrite E; auto.
Qed.

(* The intersection never permits more than either set, whatever types the parameters have. *)
Theorem intersect_sound R L a : permits (intersect R L) a = true -> permits R a = true /\ permits L a = true.
Proof.
  apply common_sub.
  - intros s S P. apply permits_iff; eauto.
  - intros P. apply permits_flat_map in P as [t [T P]]. apply restPart_sub in P. apply permits_iff; eauto.
  - intros P. apply permits_iff in P as [c [I P]]. apply filter_In in I as [I _]. apply in_flat_map in I as [t [T I]].
    assert (permits (coveredPart (filter (fun s => subsumes L [s]) R ++ filter (fun s => negb (subsumes L [s])) R) t) a = true)
      as Q by (apply permits_iff; eauto).
    apply coveredPart_sub in Q as [Q1 Q2]. rewrite request_permits in Q2. split; auto. apply permits_iff; eauto.
Qed.

Lemma stable_parts G H K s t r o : stable G -> In s G -> In t G ->
  In r (restPart H s) -> In o (restPart K t) -> stable [r; o].
Proof.
  intros ST S T R O x [<-|[<-|[]]].
  - unfold restPart, partOf in R. destruct (isNil _); [destruct R|]. destruct R as [<-|[]]. simpl. now apply ST.
  - unfold restPart, partOf in O. destruct (isNil _); [destruct O|]. destruct O as [<-|[]]. simpl. now apply ST.
Qed.
Lemma soundMeet_exact L s t a : stable [s; t] -> (forall x, permits1 t x = true -> permits L x = true) ->
  permits (soundMeet L s t) a = permits1 s a && permits1 t a.
Proof.
  intros ST TL. unfold soundMeet. destruct (movesClause s t); [|now apply meet_exact].
  rewrite <- meet_exact by auto. f_equal.
  assert (forall m, In m (meet s t) -> subsumes [s] [m] && subsumes L [m] = true) as H.
  { intros m I. rewrite andb_true_iff, !subsumes_correct.
    assert (forall x, permits [m] x = true -> permits1 s x = true /\ permits1 t x = true) as K.
    { intros x P. rewrite permits_single in P. apply andb_true_iff. rewrite <- meet_exact by auto. apply permits_iff; eauto. }
    split; intros x P; apply K in P as [P Q]; auto. now rewrite permits_single. }
  clear - H. induction (meet s t) as [|m l IH]; simpl; auto. rewrite H by (simpl; auto). f_equal. apply IH.
  intros; apply H; simpl; auto.
Qed.
Lemma meets_common s c a : stable [s; c] -> permits1 s a = true -> permits1 c a = true -> meets s c = true.
Proof.
  intros ST P Q. unfold meets. assert (permits (meet s c) a = true) as H by (rewrite meet_exact, P, Q; auto).
  destruct (meet s c); [discriminate|reflexivity].
Qed.

Lemma common_direct L others pending R s a : stable (s :: L) -> In s R -> permits1 s a = true ->
  (forall r, In r (restPart L s) -> forall o, In o others -> stable [r; o]) ->
  (forall o, In o others -> forall x, permits1 o x = true -> permits L x = true) ->
  subsumes L [s] = true \/ permits (coveredPart L s) a = true \/ permits others a = true ->
  permits (common L others pending R) a = true.
Proof.
  intros ST I P SO OL H. revert pending; induction R as [|s' R IH]; [destruct I|]. intros pending. simpl.
  destruct I as [->|I].
  - destruct (subsumes L [s]) eqn:E; simpl; [now rewrite P|]. rewrite permits_app, withoutRedundant_means, !permits_app.
    destruct H as [H|[H|H]]; [discriminate|now rewrite H|].
    rewrite (parts_split L s a), orb_true_iff in P. destruct P as [P|P]; [now rewrite P|].
    apply permits_iff in P as [r [Hr P]]. apply permits_iff in H as [o [Ho Q]].
    assert (permits (flat_map (fun r => flat_map (soundMeet L r) others) (restPart L s)) a = true) as X.
    { apply permits_flat_map. exists r; split; auto. apply permits_flat_map. exists o; split; auto.
      rewrite soundMeet_exact, P, Q; auto. eapply OL; eauto. }
    rewrite X, !orb_true_r. reflexivity.
  - destruct (subsumes L [s']); simpl.
    + apply orb_true_iff; right. now apply IH.
    + rewrite permits_app. apply orb_true_iff; right. now apply IH.
Qed.

Lemma common_pending L others pending R s c a : In s R -> subsumes L [s] = false -> In c pending -> meets s c = true ->
  permits1 c a = true -> permits (common L others pending R) a = true.
Proof.
  intros I N C M P. revert pending C; induction R as [|s' R IH]; [destruct I|]. intros pending C. simpl.
  destruct (subsumes L [s']) eqn:E.
  - simpl. apply orb_true_iff; right. destruct I as [->|I]; [congruence|]. now apply IH.
  - rewrite permits_app. destruct (meets s' c) eqn:F.
    + apply orb_true_iff; left. rewrite withoutRedundant_means, !permits_app.
      assert (permits (filter (meets s') pending) a = true) as X
        by (apply permits_iff; exists c; split; auto; apply filter_In; auto).
      rewrite X, orb_true_r. reflexivity.
    + apply orb_true_iff; right. destruct I as [->|I]; [congruence|]. apply IH; auto.
      apply filter_In. rewrite F. auto.
Qed.

(* The intersection permits exactly what both sets permit, where no clause changes its reading with the type. *)
Theorem intersect_exact R L a : stable (R ++ L) -> permits (intersect R L) a = permits R a && permits L a.
Proof.
  intros ST. apply eq_true_iff_eq. rewrite andb_true_iff. split; [apply intersect_sound|]. intros [P Q].
  pose proof (request_permits R L a) as RP.
  unfold intersect. set (kept := filter (fun s => subsumes L [s]) R) in *.
  set (partial := filter (fun s => negb (subsumes L [s])) R) in *.
  set (others := flat_map (restPart (kept ++ partial)) L). set (known := kept ++ flat_map (coveredPart L) partial).
  assert (forall s, In s R -> permits1 s a = true ->
    subsumes L [s] = true \/ permits (coveredPart L s) a = true \/ permits others a = true ->
    forall pending, permits (common L others pending R) a = true) as Direct.
  { intros s S Ps H pending. apply common_direct with s; auto.
    - intros x [<-|X]; apply ST, in_or_app; auto.
    - intros r Hr o Ho. apply in_flat_map in Ho as [t [T Ho]].
      apply (stable_parts (R ++ L) L (kept ++ partial) s t); auto; apply in_or_app; auto.
    - intros o Ho x Px. apply in_flat_map in Ho as [t [T Ho]]. apply permits_iff. exists t; split; auto.
      eapply restPart_sub. apply permits_iff; eauto. }
  apply permits_iff in P as [s [S P]]. destruct (subsumes L [s]) eqn:E; [eapply Direct; eauto|].
  apply permits_iff in Q as [t [T Q]]. pose proof Q as Qt.
  rewrite (parts_split (kept ++ partial) t a), orb_true_iff in Q. destruct Q as [Q|Q].
  2: { eapply Direct; eauto. right; right. apply permits_flat_map; eauto. }
  apply permits_iff in Q as [c [C Q]].
  destruct (subsumes known [c]) eqn:K.
  - rewrite subsumes_correct in K. specialize (K a). rewrite permits_single in K. specialize (K Q).
    unfold known in K. rewrite permits_app, orb_true_iff in K. destruct K as [K|K].
    + apply permits_iff in K as [s' [S' K]]. apply filter_In in S' as [S' E']. eapply Direct; eauto.
    + apply permits_flat_map in K as [s' [S' K]]. apply filter_In in S' as [S' _].
      eapply Direct; eauto. eapply coveredPart_sub; eauto.
  - apply common_pending with s c; auto.
    + apply filter_In. rewrite K. split; auto. apply in_flat_map; eauto.
    + apply meets_common with a; auto. intros x [<-|[<-|[]]].
      * apply ST, in_or_app; auto.
      * unfold coveredPart, partOf in C. destruct (isNil _); [destruct C|]. destruct C as [<-|[]]. simpl.
        apply (ST t), in_or_app; auto.
Qed.

(* The intersection is the greatest lower bound of the order that `subsumes` decides. *)
Theorem intersect_greatest R L X : stable (R ++ L) ->
  subsumes (intersect R L) X = true <-> subsumes R X = true /\ subsumes L X = true.
Proof.
  intros ST. rewrite !subsumes_correct. split.
  - intros H. split; intros a P; apply H in P; rewrite intersect_exact, andb_true_iff in P by auto; tauto.
  - intros [H K] a P. rewrite intersect_exact by auto. now rewrite H, K.
Qed.
End Algebra.
