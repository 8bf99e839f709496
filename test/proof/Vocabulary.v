(* The type of a search parameter: for a resource type, and for `*`. *)
From Coq Require Import List Bool PeanoNat.
Import ListNotations.

Inductive ptype := TToken | TReference | TUri | TString | TDate | TNumber | TQuantity | TOther.
Definition ptype_dec (a b : ptype) : {a = b} + {a <> b}. Proof. decide equality. Defined.

(* Resource types with their parameters; the row of `Resource` holds the parameters of all types. *)
Definition table := list (nat * list (nat * ptype)).
Definition Defines (tb : table) (T n : nat) (t : ptype) : Prop := exists row, In (T, row) tb /\ In (n, t) row.

Definition agree (before : option ptype) (t : ptype) : option ptype :=
  match before with None => Some t | Some u => if ptype_dec u t then Some t else Some TOther end.
Definition typesOf (tb : table) (n : nat) : list ptype :=
  flat_map (fun row => map snd (filter (fun e => fst e =? n) (snd row))) tb.
Definition typeOfStar (tb : table) (n : nat) : ptype :=
  match fold_left agree (typesOf tb n) None with Some t => t | None => TOther end.

Lemma typesOf_iff tb n t : In t (typesOf tb n) <-> exists T, Defines tb T n t.
Proof.
  unfold typesOf, Defines. rewrite in_flat_map. split.
  - intros [[T row] [I J]]. apply in_map_iff in J as [[m u] [<- J]]. apply filter_In in J as [J E].
    simpl in *. apply Nat.eqb_eq in E as ->. eauto.
  - intros [T [row [I J]]]. exists (T, row). split; auto. apply in_map_iff. exists (n, t). split; auto.
    apply filter_In. simpl. rewrite Nat.eqb_refl. auto.
Qed.
Lemma agree_other l : fold_left agree l (Some TOther) = Some TOther.
Proof. induction l as [|t l IH]; [reflexivity|]. destruct t; exact IH. Qed.
Lemma agree_some l u t : t <> TOther -> fold_left agree l (Some u) = Some t <-> u = t /\ forall v, In v l -> v = t.
Proof.
  intros N. revert u; induction l as [|v l IH]; intros u; simpl.
  - split; [intros [= ->]; split; auto; intros v []|intros [-> _]; auto].
  - destruct (ptype_dec u v) as [->|D]; rewrite ?IH, ?agree_other.
    + split; [intros [-> H]; split; auto; intros w [<-|I]; auto|intros [-> H]; auto].
    + split; [intros [E _]; congruence|]. intros [-> H]. exfalso. apply D. symmetry. auto.
Qed.

(* For `*`, a parameter has a type exactly when some resource type defines it and all that define it agree. *)
Theorem star_agrees tb n t : t <> TOther ->
  typeOfStar tb n = t <-> (exists T, Defines tb T n t) /\ forall T u, Defines tb T n u -> u = t.
Proof.
  intros N. assert ((exists T, Defines tb T n t) /\ (forall T u, Defines tb T n u -> u = t) <->
    In t (typesOf tb n) /\ forall u, In u (typesOf tb n) -> u = t) as ->.
  { rewrite typesOf_iff. split; intros [E H]; split; auto.
    - intros u I. apply typesOf_iff in I as [T D]. eauto.
    - intros T u D. apply H, typesOf_iff; eauto. }
  unfold typeOfStar. destruct (typesOf tb n) as [|u l]; simpl.
  - split; [congruence|intros [[] _]].
  - destruct (fold_left agree l (Some u)) as [v|] eqn:E.
    + split.
      * intros ->. apply agree_some in E as [-> H]; auto. split; auto. intros w [<-|I]; auto.
      * intros [_ H]. assert (fold_left agree l (Some u) = Some t) as X by (apply agree_some; auto). congruence.
    + exfalso. clear - E. revert u E; induction l as [|w l IH]; intros u; simpl; [discriminate|].
      destruct (ptype_dec u w); apply IH.
Qed.

(* A type for `*` is never a guess: where no type defines the parameter, or two disagree, the parameter is opaque. *)
Theorem star_never_guesses tb n : (forall T u, ~ Defines tb T n u) \/
  (exists T u S v, Defines tb T n u /\ Defines tb S n v /\ u <> v) -> typeOfStar tb n = TOther.
Proof.
  intros H. destruct (ptype_dec (typeOfStar tb n) TOther) as [|N]; auto. exfalso.
  destruct (proj1 (star_agrees tb n _ N) eq_refl) as [[T D] A]. destruct H as [H|[T1 [u [T2 [v [D1 [D2 X]]]]]]].
  - eapply H; eauto.
  - apply X. rewrite (A _ _ D1), (A _ _ D2). auto.
Qed.

(* Names in the index of a resource. `own` is the type by which plain names are read: the type of the resource, or `*`
   where the vocabulary does not have it. What another type reads differently stands under the type and the name. *)
Inductive iname := Plain (n : nat) | Qualified (T : option nat) (n : nat).
Section Names.
Variable read : option nat -> nat -> ptype.
Definition indexName (own T : option nat) (n : nat) : iname :=
  if ptype_dec (read T n) (read own n) then Plain n else Qualified T n.

(* Two scopes look under the same name of an index only for the same parameter, read in the same way. *)
Theorem index_names_separate own T U n m : indexName own T n = indexName own U m -> n = m /\ read T n = read U m.
Proof.
  unfold indexName. destruct (ptype_dec (read T n) (read own n)), (ptype_dec (read U m) (read own m));
    intros H; inversion H; subst; split; congruence.
Qed.

(* Scopes for the type of a resource and for `*` that read a parameter in the same way look under the same name. *)
Theorem index_names_agree own T U n : own = T \/ own = U -> read T n = read U n -> indexName own T n = indexName own U n.
Proof.
  unfold indexName. intros [->| ->] E; rewrite ?E;
    destruct (ptype_dec (read U n) (read T n)), (ptype_dec (read T n) (read T n)), (ptype_dec (read U n) (read U n));
    congruence.
Qed.
End Names.
