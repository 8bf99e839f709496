(* The canonical form: the maximal atoms of a set, simplified, sorted and joined. It depends on the meaning alone. *)
Require Export Assemble.

Definition keyD (d : demand) : list nat := match d with DV p v => 0 :: p :: keyV v | DO t => [1; t] end.
Lemma keyD_inj d e : keyD d = keyD e -> d = e.
Proof. destruct d, e; simpl; try congruence. intros E. injection E as -> E. now apply keyV_inj in E as ->. Qed.
Definition keyDs (ds : list demand) : list nat := flat_map (fun d => length (keyD d) :: keyD d) ds.
Lemma keyDs_inj ds es : keyDs ds = keyDs es -> ds = es.
Proof.
  revert es; induction ds as [|d ds IH]; intros [|e es]; unfold keyDs; simpl; try congruence.
  intros E. injection E as L E. fold (keyDs ds) (keyDs es) in E.
  assert (keyD d = keyD e /\ keyDs ds = keyDs es) as [K M].
  { revert L E. generalize (keyD d) (keyD e) (keyDs ds) (keyDs es). induction l as [|x l IHl]; intros [|y m] a b; simpl; try lia; auto.
    intros L E. injection L as L. injection E as -> E. destruct (IHl m a b L E) as [-> ->]. auto. }
  f_equal; [now apply keyD_inj|auto].
Qed.
Definition keyL (l : level) : nat := match l with Patient => 0 | User => 1 | System => 2 end.
Definition keyA (a : atom) : list nat :=
  keyL (atLvl a) :: match atTy a with None => [0; 0] | Some t => [1; t] end ++ atPerm a :: keyDs (atDs a).
Lemma keyA_inj a b : keyA a = keyA b -> a = b.
Proof.
  destruct a as [l t p ds], b as [m u q es]. unfold keyA. simpl. intros E.
  destruct t, u; simpl in E; try discriminate; injection E as L E; [intros|]; subst;
    match goal with H : keyDs _ = keyDs _ |- _ => apply keyDs_inj in H as -> end;
    destruct l, m; simpl in L; try discriminate; auto.
Qed.

Section Normalize.
Context {W : World}.

(* Values in the form in which they are compared: prefixes are folded. *)
Definition canonV (v : qval) : qval := match v with QPrefix p => QPrefix (fold p) | v => v end.
Definition canonD (d : demand) : demand := match d with DV p v => DV p (canonV v) | DO t => DO t end.
Lemma canonV_idem v : canonV (canonV v) = canonV v.
Proof. destruct v; simpl; auto. now rewrite fold_idem. Qed.
Lemma canonD_idem d : canonD (canonD d) = canonD d.
Proof. destruct d; simpl; auto. now rewrite canonV_idem. Qed.
Lemma canonV_matches v i : matches (canonV v) i = matches v i.
Proof. destruct v; simpl; auto. destruct i; auto. now rewrite fold_idem. Qed.
Lemma canonD_ok r d : demandOk r (canonD d) = demandOk r d.
Proof.
  destruct d as [p v|t]; simpl; auto. induction (index r p); simpl; auto. now rewrite IHl, canonV_matches.
Qed.

Definition demandWords (d : demand) : list word := match d with DV _ v => wordsOf v | DO _ => [] end.
Definition atomWords (a : atom) : list word :=
  match atTy a with Some t => [t] | None => [] end ++ flat_map demandWords (atDs a).
Lemma canonD_words d : demandWords (canonD d) = demandWords d.
Proof. destruct d as [p v|t]; simpl; auto. destruct v; simpl; auto. now rewrite fold_idem. Qed.
Definition FreshD (F : word) (d : demand) := Quiet F /\ ~ In F (demandWords d).
Definition FreshA (F : word) (a : atom) := Quiet F /\ ~ In F (atomWords a).

(* Whether one demand implies another: decided on the generic instance. *)
Definition implies (F : word) (d e : demand) : bool :=
  match d, e with
  | DV p w, DV p' v => (p =? p') && matches v (inst F w)
  | DO t, DO t' => t =? t'
  | _, _ => false
  end.
Definition dle (d e : demand) := forall r, demandOk r d = true -> demandOk r e = true.
Lemma dle_refl d : dle d d. Proof. intros r; auto. Qed.
Lemma dle_trans c d e : dle c d -> dle d e -> dle c e. Proof. intros H K r; auto. Qed.
Lemma implies_correct F d e : FreshD F e -> implies F d e = true <-> dle d e.
Proof.
  intros [Q N]. split.
  - intros I r. destruct d as [p w|t], e as [p' v|t']; simpl in *; try discriminate.
    + apply andb_true_iff in I as [E M]. apply Nat.eqb_eq in E as <-. rewrite !existsb_exists.
      intros [i [Ii X]]. exists i; split; auto. eapply generic; eauto.
    + apply Nat.eqb_eq in I as <-. auto.
  - intros H. specialize (H (canon F [d]) (canon_sat F [d] d Q (or_introl eq_refl))).
    destruct d as [p w|t], e as [p' v|t']; simpl in *; try discriminate.
    + destruct (p =? p'); simpl in *; [|discriminate]. now rewrite orb_false_r in H.
    + now rewrite orb_false_r in H.
Qed.

Definition freshForWords (ws : list word) := freshFrom (S (list_max ws)).
Lemma freshForWords_not_in ws : ~ In (freshForWords ws) ws.
Proof.
  intros I. pose proof (fresh_ge (S (list_max ws))) as L. unfold freshForWords in *.
  pose proof (proj1 (list_max_le ws (list_max ws)) (le_n _)) as M. rewrite Forall_forall in M. apply M in I. lia.
Qed.
Lemma freshForWords_quiet ws : Quiet (freshForWords ws).
Proof. intro. apply fresh_fold. Qed.

Lemma canonV_antisym F v w : Quiet F -> ~ In F (wordsOf v) -> ~ In F (wordsOf w) -> canonV v = v -> canonV w = w ->
  matches v (inst F w) = true -> matches w (inst F v) = true -> v = w.
Proof.
  intros Q N M Cv Cw H K. destruct v, w; simpl in *; try discriminate;
    repeat rewrite ?andb_true_iff, ?Nat.eqb_eq in *; repeat match goal with E : _ /\ _ |- _ => destruct E end;
    try (subst; auto; exfalso; tauto).
  - injection Cv as Cv. injection Cw as Cw. rewrite Q in H, K. apply prefixb_snoc in H; auto. apply prefixb_snoc in K; auto.
    rewrite <- Cv, <- Cw. f_equal. now apply prefixb_antisym.
  - apply listb_eq in K. subst. exfalso. apply M, in_or_app; simpl; auto.
  - apply listb_eq in H. subst. exfalso. apply N, in_or_app; simpl; auto.
  - apply listb_eq in H. now subst.
Qed.
Lemma dle_antisym d e : canonD d = d -> canonD e = e -> dle d e -> dle e d -> d = e.
Proof.
  intros Cd Ce H K. set (F := freshForWords (demandWords d ++ demandWords e)).
  pose proof (freshForWords_quiet (demandWords d ++ demandWords e)) as Q. fold F in Q.
  pose proof (freshForWords_not_in (demandWords d ++ demandWords e)) as N. fold F in N. rewrite in_app_iff in N.
  rewrite <- (implies_correct F) in H by (split; tauto). rewrite <- (implies_correct F) in K by (split; tauto).
  destruct d as [p v|t], e as [p' w|t']; simpl in *; try discriminate.
  - apply andb_true_iff in H as [E H]. apply andb_true_iff in K as [_ K]. apply Nat.eqb_eq in E as <-.
    f_equal. eapply (canonV_antisym F); eauto; congruence.
  - apply Nat.eqb_eq in H as <-. auto.
Qed.

(* Demands that another demand of the same atom implies are removed; the rest is sorted. *)
Definition demand_dec (d e : demand) : bool := if list_eq_dec Nat.eq_dec (keyD d) (keyD e) then true else false.
Lemma demand_dec_eq d e : demand_dec d e = true <-> d = e.
Proof.
  unfold demand_dec. destruct (list_eq_dec _ _ _) as [E|N]; split; try congruence.
  - intros _. now apply keyD_inj.
Qed.
Definition strictlyImplied (F : word) (ds : list demand) (d : demand) : bool :=
  existsb (fun e => implies F e d && negb (demand_dec e d)) ds.
Definition simplify (F : word) (ds : list demand) : list demand :=
  sortu keyD (filter (fun d => negb (strictlyImplied F (map canonD ds) d)) (map canonD ds)).

Lemma simplify_in F ds d : In d (simplify F ds) <-> In d (map canonD ds) /\
  strictlyImplied F (map canonD ds) d = false.
Proof. unfold simplify. rewrite (sortu_in keyD keyD_inj), filter_In, negb_true_iff. tauto. Qed.
Lemma strictlyImplied_iff F ds d : FreshD F d ->
  strictlyImplied F ds d = false <-> forall e, In e ds -> dle e d -> e = d.
Proof.
  intros Fr. unfold strictlyImplied. split.
  - intros H e I L. apply (implies_correct F) in L; auto. destruct (demand_dec e d) eqn:E; [now apply demand_dec_eq|].
    exfalso. apply not_true_iff_false in H. apply H. apply existsb_exists. exists e. now rewrite L, E.
  - intros H. apply not_true_iff_false. rewrite existsb_exists. intros [e [I E]]. apply andb_true_iff in E as [E N].
    apply (implies_correct F) in E; auto. apply H in E; auto. subst. apply negb_true_iff, not_true_iff_false in N.
    apply N. now apply demand_dec_eq.
Qed.
Lemma canonDs_canon ds d : In d (map canonD ds) -> canonD d = d.
Proof. intros I. apply in_map_iff in I as [e [<- _]]. apply canonD_idem. Qed.
Lemma canonDs_fresh F ds d : (forall d, In d ds -> FreshD F d) -> In d (map canonD ds) -> FreshD F d.
Proof.
  intros H I. apply in_map_iff in I as [e [<- I]]. destruct (H e I). split; auto. now rewrite canonD_words.
Qed.
Lemma simplify_below F ds d : (forall d, In d ds -> FreshD F d) -> In d (map canonD ds) ->
  exists e, In e (simplify F ds) /\ dle e d.
Proof.
  intros Fr I. assert (forall d, In d (map canonD ds) -> FreshD F d) as Fr' by (intros; eapply canonDs_fresh; eauto).
  destruct (greatest dle (map canonD ds) dle_refl dle_trans) with (k := d) as [w [J [L M]]]; [|exact I|].
  - intros x y X Y. destruct (implies F x y) eqn:E.
    + left. apply (implies_correct F) in E; auto.
    + right. intros K. apply (implies_correct F) in K; auto. congruence.
  - exists w. split; [|exact L]. apply simplify_in. split; [exact J|]. apply strictlyImplied_iff; [auto|].
    intros e Ie Le. apply dle_antisym; [| |exact Le|now apply M]; eapply canonDs_canon; eassumption.
Qed.
Lemma simplify_means F ds r : (forall d, In d ds -> FreshD F d) ->
  (forall d, In d (simplify F ds) -> demandOk r d = true) <-> (forall d, In d ds -> demandOk r d = true).
Proof.
  intros Fr. split; intros H d I.
  - destruct (simplify_below F ds (canonD d) Fr) as [e [J L]]; [now apply in_map|]. rewrite <- canonD_ok. apply L, H, J.
  - apply simplify_in in I as [I _]. apply in_map_iff in I as [e [<- I]]. rewrite canonD_ok. auto.
Qed.

(* Atoms ordered by what they permit. *)
Definition ale (a b : atom) := forall x, atomOk a x -> atomOk b x.
Definition acovers (F : word) (b a : atom) : bool :=
  includes (atLvl b) (atLvl a) && match atTy b, atTy a with None, _ => true | Some t, Some u => t =? u | _, _ => false end
  && (atPerm b =? atPerm a) && forallb (fun e => existsb (fun d => implies F d e) (atDs a)) (atDs b).
Lemma FreshA_D F a d : FreshA F a -> In d (atDs a) -> FreshD F d.
Proof. intros [Q N] I. split; auto. intros J. apply N, in_or_app; right. apply in_flat_map; eauto. Qed.
Lemma canon_demand F ds e : demandOk (canon F ds) e = true <-> exists d, In d ds /\ implies F d e = true.
Proof.
  destruct e as [p v|t]; simpl; rewrite existsb_exists.
  - split.
    + intros [i [I M]]. apply in_flat_map in I as [d [D I]]. exists d; split; auto. destruct d as [p' w|]; [|destruct I].
      simpl. destruct (p' =? p); simpl in *; [|destruct I]. destruct I as [<-|[]]. auto.
    + intros [d [D I]]. destruct d as [p' w|]; [|discriminate]. simpl in I. apply andb_true_iff in I as [E M].
      exists (inst F w). split; auto. apply in_flat_map. exists (DV p' w). rewrite E. simpl; auto.
  - split; intros [d [D I]]; exists d; split; auto; destruct d; simpl in *; auto; discriminate.
Qed.
Lemma acovers_correct F a b : FreshA F b -> acovers F b a = true <-> ale a b.
Proof.
  intros Fr. destruct Fr as [Q N]. split.
  - unfold acovers. rewrite !andb_true_iff, Nat.eqb_eq, forallb_forall. intros [[[L T] P] D] x [L' [T' [P' D']]].
    repeat split; eauto using includes_trans.
    + destruct (atTy b), (atTy a); simpl in *; auto; try discriminate. apply Nat.eqb_eq in T as ->. auto.
    + congruence.
    + intros e E. specialize (D e E). apply existsb_exists in D as [d [I M]].
      apply (implies_correct F) in M; [|eapply FreshA_D; eauto; split; auto]. apply M; auto.
  - intros H. destruct (H _ (atomOk_canon F a Q)) as [L [T [P D]]]. unfold acovers. simpl in *.
    rewrite !andb_true_iff, forallb_forall, Nat.eqb_eq. repeat split; auto.
    + destruct (atTy b) as [t|] eqn:E; auto. unfold atomWords in N. rewrite E in N. simpl in *.
      destruct (atTy a); simpl in *; auto. apply Nat.eqb_eq in T. exfalso; auto.
    + intros e E. specialize (D e E). apply canon_demand in D as [d [I M]]. apply existsb_exists; eauto.
Qed.

Definition canonAtom (F : word) (a : atom) : atom :=
  {| atLvl := rep (atLvl a); atTy := atTy a; atPerm := atPerm a; atDs := simplify F (atDs a) |}.
Lemma canonAtom_means F a x : FreshA F a -> atomOk (canonAtom F a) x <-> atomOk a x.
Proof.
  intros Fr. unfold atomOk. simpl. rewrite simplify_means by (intros; eapply FreshA_D; eauto).
  destruct (rep_equiv (atLvl a)) as [R S].
  assert (includes (rep (atLvl a)) (alvl x) = true <-> includes (atLvl a) (alvl x) = true) as -> by
    (split; eauto using includes_trans). tauto.
Qed.

(* What is in canonical form. *)
Definition IsCanon (a : atom) : Prop :=
  atLvl a = rep (atLvl a) /\ StronglySorted (lt keyD) (atDs a) /\ (forall d, In d (atDs a) -> canonD d = d) /\
  forall d e, In d (atDs a) -> In e (atDs a) -> dle d e -> d = e.
Lemma canonAtom_canon F a : FreshA F a -> IsCanon (canonAtom F a).
Proof.
  intros Fr. assert (forall d, In d (atDs a) -> FreshD F d) as FD by (intros; eapply FreshA_D; eauto).
  unfold IsCanon. simpl. repeat split.
  - symmetry. apply rep_idem.
  - apply sortu_sorted, keyD_inj.
  - intros d I. apply simplify_in in I as [I _]. eapply canonDs_canon; eauto.
  - intros d e D E. apply simplify_in in D as [D _]. apply simplify_in in E as [E X]. intros L.
    eapply strictlyImplied_iff in X; eauto. eapply canonDs_fresh; eauto.
Qed.
Lemma canonAtom_fresh F a : FreshA F a -> FreshA F (canonAtom F a).
Proof.
  intros [Q N]. split; auto. intros I. apply N. unfold atomWords in *. simpl in *. apply in_app_iff in I. apply in_app_iff.
  destruct I as [I|I]; auto. right. apply in_flat_map in I as [d [D I]]. apply simplify_in in D as [D _].
  apply in_map_iff in D as [e [<- D]]. rewrite canonD_words in I. apply in_flat_map; eauto.
Qed.
Lemma ale_refl a : ale a a. Proof. intros x; auto. Qed.
Lemma ale_trans a b c : ale a b -> ale b c -> ale a c. Proof. intros H K x; auto. Qed.

(* Two atoms in canonical form that permit the same are equal. *)
Lemma ale_antisym a b : IsCanon a -> IsCanon b -> ale a b -> ale b a -> a = b.
Proof.
  intros [La [Sa [Ca Ia]]] [Lb [Sb [Cb Ib]]] H K. set (F := freshForWords (atomWords a ++ atomWords b)).
  pose proof (freshForWords_quiet (atomWords a ++ atomWords b)) as Q. fold F in Q.
  pose proof (freshForWords_not_in (atomWords a ++ atomWords b)) as N. fold F in N. rewrite in_app_iff in N.
  assert (FreshA F a) as Fa by (split; tauto). assert (FreshA F b) as Fb by (split; tauto).
  apply (acovers_correct F) in H; auto. apply (acovers_correct F) in K; auto. unfold acovers in *.
  rewrite !andb_true_iff, forallb_forall in H, K. destruct H as [[[L T] P] D], K as [[[L' T'] P'] D'].
  destruct a as [l t p ds], b as [m u q es]. simpl in *. f_equal.
  - rewrite La, Lb. now apply rep_eq.
  - destruct t, u; try discriminate; auto. apply Nat.eqb_eq in T as ->. auto.
  - apply Nat.eqb_eq in P. auto.
  - assert (forall e, In e es -> exists d, In d ds /\ dle d e) as X.
    { intros e E. specialize (D e E). apply existsb_exists in D as [d [I M]]. exists d; split; auto.
      apply (implies_correct F) in M; auto. eapply (FreshA_D F {| atLvl := m; atTy := u; atPerm := q; atDs := es |}); eauto. }
    assert (forall e, In e ds -> exists d, In d es /\ dle d e) as Y.
    { intros e E. specialize (D' e E). apply existsb_exists in D' as [d [I M]]. exists d; split; auto.
      apply (implies_correct F) in M; auto. eapply (FreshA_D F {| atLvl := l; atTy := t; atPerm := p; atDs := ds |}); eauto. }
    apply (sorted_unique keyD keyD_inj); auto. intros d. split; intros I.
    + destruct (Y d I) as [e [E M]]. destruct (X e E) as [d' [I' M']].
      assert (dle d' d) as Z by (intros r R; auto). apply Ia in Z; auto. subst d'.
      replace d with e; auto. apply dle_antisym; auto.
    + destruct (X d I) as [e [E M]]. destruct (Y e E) as [d' [I' M']].
      assert (dle d' d) as Z by (intros r R; auto). apply Ib in Z; auto. subst d'.
      replace d with e; auto. apply dle_antisym; auto.
Qed.

(* The procedure. *)
Definition atom_dec (a b : atom) : bool := if list_eq_dec Nat.eq_dec (keyA a) (keyA b) then true else false.
Lemma atom_dec_eq a b : atom_dec a b = true <-> a = b.
Proof.
  unfold atom_dec. destruct (list_eq_dec _ _ _) as [E|N]; split; try congruence. intros _. now apply keyA_inj.
Qed.
Definition canonAtoms (F : word) (G : list scope) : list atom := sortu keyA (map (canonAtom F) (flat_map atomsOf G)).
Definition maximal (F : word) (atoms : list atom) : list atom :=
  filter (fun a => negb (existsb (fun b => acovers F b a && negb (atom_dec b a)) atoms)) atoms.
Definition normalAtoms (G : list scope) : list atom := maximal (freshFor G) (canonAtoms (freshFor G) G).
Definition normalize (G : list scope) : list scope := assemble (normalAtoms G).
Definition union (A B : list scope) : list scope := normalize (A ++ B).

Lemma demand_words q ds d : In ds (choices q) -> In d ds -> forall w, In w (demandWords d) -> In w (flat_map clauseWords q).
Proof.
  revert ds; induction q as [|c q IH]; intros ds D I w V; [destruct D as [<-|[]]; destruct I|].
  simpl. apply in_or_app. destruct c as [p vs|t]; simpl in D.
  - apply in_flat_map in D as [v [Iv D]]. apply in_map_iff in D as [e [<- D]]. destruct I as [<-|I]; eauto.
    left. simpl. apply in_flat_map; eauto.
  - apply in_map_iff in D as [e [<- D]]. destruct I as [<-|I]; [destruct V|eauto].
Qed.
Lemma atoms_fresh G a : In a (flat_map atomsOf G) -> FreshA (freshFor G) a.
Proof.
  intros I. split; [apply freshFor_quiet|]. apply in_flat_map in I as [s [S I]]. apply atomsOf_iff in I as [_ [T [_ D]]].
  intros J. apply (freshFor_not_in G s S). unfold scopeWords. apply in_or_app. unfold atomWords in J.
  apply in_app_iff in J as [J|J]; [left; now rewrite <- T|right].
  apply in_flat_map in J as [d [Id J]]. eapply demand_words; eauto.
Qed.
Lemma canonAtoms_iff G a : In a (canonAtoms (freshFor G) G) <->
  exists b, In b (flat_map atomsOf G) /\ a = canonAtom (freshFor G) b.
Proof.
  unfold canonAtoms. rewrite (sortu_in keyA keyA_inj), in_map_iff. split; intros [b [E I]]; exists b; auto.
Qed.
Definition Below (G : list scope) (a : atom) := forall x, atomOk a x -> permits G x = true.
(* A set permits an atom exactly when one atom of the set does. *)
Lemma below_atom G a : Below G a <-> exists b, In b (flat_map atomsOf G) /\ ale a b.
Proof.
  split.
  - intros B. set (F := freshForWords (flat_map atomWords (flat_map atomsOf G))).
    pose proof (freshForWords_quiet (flat_map atomWords (flat_map atomsOf G))) as Q. fold F in Q.
    specialize (B _ (atomOk_canon F a Q)). apply permits_atoms_set in B as [b [I O]]. exists b; split; auto.
    assert (FreshA F b) as Fr.
    { split; auto. intros J. apply (freshForWords_not_in (flat_map atomWords (flat_map atomsOf G))).
      apply in_flat_map; eauto. }
    apply (acovers_correct F); auto. destruct O as [L [T [P D]]]. unfold acovers. simpl in *.
    rewrite !andb_true_iff, forallb_forall, Nat.eqb_eq. repeat split; auto.
    + destruct (atTy b) as [t|] eqn:E; auto. destruct Fr as [_ N]. unfold atomWords in N. rewrite E in N. simpl in *.
      destruct (atTy a); simpl in *; auto. apply Nat.eqb_eq in T. exfalso; auto.
    + intros e E. specialize (D e E). apply canon_demand in D as [d [Id M]]. apply existsb_exists; eauto.
  - intros [b [I L]] x O. apply permits_atoms_set. exists b; auto.
Qed.

(* The maximal atoms are determined by the meaning of the set: they are the atoms in canonical form that the set
   permits and that no other such atom covers. *)
Theorem normalAtoms_meaning G a : In a (normalAtoms G) <->
  IsCanon a /\ Below G a /\ forall b, IsCanon b -> Below G b -> ale a b -> b = a.
Proof.
  set (F := freshFor G).
  assert (forall b, In b (canonAtoms F G) -> FreshA F b /\ IsCanon b /\ Below G b) as C.
  { intros b I. apply canonAtoms_iff in I as [c [I ->]]. pose proof (atoms_fresh G c I) as Fr. fold F in Fr.
    split; [|split]; [now apply canonAtom_fresh|now apply canonAtom_canon|].
    apply below_atom. exists c. split; auto. intros x. now apply canonAtom_means. }
  assert (forall b, Below G b -> exists c, In c (canonAtoms F G) /\ ale b c) as Up.
  { intros b B. apply below_atom in B as [c [I L]]. exists (canonAtom F c). split; [apply canonAtoms_iff; eauto|].
    intros x O. apply canonAtom_means; [apply atoms_fresh; auto|auto]. }
  unfold normalAtoms, maximal. fold F. rewrite filter_In, negb_true_iff. split.
  - intros [I M]. destruct (C a I) as [Fr [Ca Ba]]. split; auto. split; auto. intros b Cb Bb L.
    destruct (Up b Bb) as [c [Ic Lc]]. destruct (C c Ic) as [Frc [Cc _]].
    assert (c = a) as ->.
    { destruct (atom_dec c a) eqn:E; [now apply atom_dec_eq|]. exfalso. apply not_true_iff_false in M. apply M.
      apply existsb_exists. exists c. rewrite E, andb_true_r. split; auto. apply acovers_correct; eauto using ale_trans. }
    apply ale_antisym; auto.
  - intros [Ca [Ba M]]. destruct (Up a Ba) as [c [Ic Lc]]. destruct (C c Ic) as [Frc [Cc Bc]].
    assert (c = a) as -> by (apply M; auto). split; auto. apply not_true_iff_false. rewrite existsb_exists.
    intros [b [Ib X]]. apply andb_true_iff in X as [X N]. destruct (C b Ib) as [Frb [Cb Bb]].
    apply acovers_correct in X; auto. apply M in X; auto. subst. apply negb_true_iff, not_true_iff_false in N. apply N.
    now apply atom_dec_eq.
Qed.
Lemma normalAtoms_sorted G : StronglySorted (lt keyA) (normalAtoms G).
Proof. apply filter_sorted, sortu_sorted, keyA_inj. Qed.

(* The canonical form keeps the meaning. *)
Theorem normalize_means G x : permits (normalize G) x = permits G x.
Proof.
  apply eq_true_iff_eq. split; intros P.
  - apply permits_atoms_set in P as [a [I O]]. unfold normalize in I. rewrite assemble_atoms in I.
    apply normalAtoms_meaning in I as [_ [B _]]. auto.
  - apply permits_atoms_set in P as [a [I O]]. set (F := freshFor G).
    assert (In (canonAtom F a) (canonAtoms F G)) as J by (apply canonAtoms_iff; eauto).
    assert (forall b, In b (canonAtoms F G) -> FreshA F b) as Fr.
    { intros b Ib. apply canonAtoms_iff in Ib as [c [Ic ->]]. apply canonAtom_fresh. now apply atoms_fresh. }
    destruct (greatest (fun b a => ale a b) (canonAtoms F G)) with (k := canonAtom F a) as [w [Iw [L M]]]; auto.
    + intros; apply ale_refl.
    + intros; eapply ale_trans; eauto.
    + intros b c Ib Ic. destruct (acovers F b c) eqn:E.
      * left. apply acovers_correct in E; auto.
      * right. intros H. apply (acovers_correct F) in H; auto. congruence.
    + apply permits_atoms_set. exists w. split.
      * unfold normalize. apply assemble_atoms. unfold normalAtoms, maximal. fold F. apply filter_In. split; auto.
        apply negb_true_iff, not_true_iff_false. rewrite existsb_exists. intros [b [Ib X]].
        apply andb_true_iff in X as [X N]. apply acovers_correct in X; auto.
        assert (b = w) as ->.
        { assert (forall c, In c (canonAtoms F G) -> IsCanon c) as C.
          { intros c Ic. apply canonAtoms_iff in Ic as [d [Id ->]]. apply canonAtom_canon. now apply atoms_fresh. }
          apply ale_antisym; auto. }
        apply negb_true_iff, not_true_iff_false in N. apply N. now apply atom_dec_eq.
      * apply L. apply canonAtom_means; auto. now apply atoms_fresh.
Qed.

(* Canonical: two sets have the same canonical form exactly when they permit the same. *)
Theorem normalize_canonical A B : normalize A = normalize B <-> forall x, permits A x = permits B x.
Proof.
  split.
  - intros E x. now rewrite <- (normalize_means A), <- (normalize_means B), E.
  - intros H. unfold normalize. f_equal. apply (sorted_unique keyA keyA_inj); try apply normalAtoms_sorted.
    assert (forall a, Below A a <-> Below B a) as BB by (intros a; unfold Below; split; intros K x O; specialize (K x O); congruence).
    intros a. rewrite !normalAtoms_meaning. setoid_rewrite BB. tauto.
Qed.
(* Equal canonical forms are what `equivalent` decides. *)
Theorem normalize_equivalent A B : normalize A = normalize B <-> equivalent A B = true.
Proof. now rewrite normalize_canonical, equivalent_correct. Qed.
(* The canonical form of a canonical form is itself. *)
Theorem normalize_idempotent G : normalize (normalize G) = normalize G.
Proof. apply normalize_canonical. intros x. apply normalize_means. Qed.
(* The canonical form has no atom that another atom of it covers. *)
Theorem normalize_minimal G a b :
  In a (flat_map atomsOf (normalize G)) -> In b (flat_map atomsOf (normalize G)) -> ale a b -> a = b.
Proof.
  unfold normalize. rewrite !assemble_atoms, !normalAtoms_meaning. intros [Ca [Ba M]] [Cb [Bb _]] L. symmetry. auto.
Qed.

(* The union permits exactly what one of both sets permits. *)
Theorem union_exact A B x : permits (union A B) x = permits A x || permits B x.
Proof. unfold union. now rewrite normalize_means, permits_app. Qed.
(* The union is the least upper bound of the order that `subsumes` decides. *)
Theorem union_least A B X : subsumes X (union A B) = true <-> subsumes X A = true /\ subsumes X B = true.
Proof.
  rewrite !subsumes_correct. split.
  - intros H. split; intros x P; apply H; rewrite union_exact, P; auto using orb_true_r.
  - intros [H K] x. rewrite union_exact, orb_true_iff. intros [P|P]; auto.
Qed.
End Normalize.
