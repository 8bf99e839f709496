(* The procedures as an OCaml module. Numbers of Coq become machine integers; words stay far below their bound. *)
From Coq Require Import Extraction ExtrOcamlBasic ExtrOcamlNatInt.
Require Import Sets Index Vocabulary Text.
Require Certificates.
Extraction Language OCaml.
Set Warnings "-extraction".

(* The first clause of a query is its key in the index: any choice is right. *)
Definition firstClause (q : list clause) : clause := match q with c :: _ => c | [] => Opaque 0 end.
Definition compiled {W : World} := compiledPermits firstClause.
Lemma firstClause_in c q : In (firstClause (c :: q)) (c :: q).
Proof. simpl; auto. Qed.

Extraction "oracle.ml" setPermits setSubsumes setDisjoint setIntersect setUncovered setNormalize counterexample
  equivalent normalAtoms canonAtom freshFor atomsOf canonAccess compiled includesLevel typeOfStar
  readQuery printQuery tokenOf unescape splitBar Certificates.check.
