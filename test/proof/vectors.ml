(* Answers one golden vector with the extracted procedures, and says whether its expected answer is right. *)
open Oracle
open Reading

(* What is read from a scope, as a text: of a resource scope its level, type, permissions and clauses. *)
let reading_of text = match parts_of text with
  | None -> "text"
  | Some (lvl, ty, perms, clauses, _) ->
    let letters = String.concat "" (List.map (fun p -> String.make 1 "cruds".[p]) perms) in
    let clause (name, values) = String.concat "\x1f" (List.map string_of_bytes (name :: values)) in
    String.concat "\x1e" ([lvl; ty; letters] @ List.map clause clauses)

(* The scopes of a text by their places. An empty one stands for a text that nothing requests. *)
let elements texts = List.map (fun one -> match scope one with
    | Some s, _ -> Resource s
    | None, _ -> Text (word ("scope " ^ one))) texts
let granted text = String.split_on_char ' ' text
let requested text = List.filter (fun one -> one <> "") (granted text)

(* An entry of a certificate: the place of the granted scope, and pairs of numbers unless it is the same text. *)
let entry text = match String.split_on_char ':' text with
  | [place] -> SameText (int_of_string place)
  | [place; pairs] -> CoveredBy (int_of_string place, List.map (fun pair -> match String.split_on_char '-' pair with
      | [value; clause] -> int_of_string value, int_of_string clause
      | _ -> failwith pair) (List.filter (fun p -> p <> "") (String.split_on_char ',' pairs)))
  | _ -> failwith text

let is_right w op parts = match op, parts with
  | "parse", [text; expected] ->
    String.concat "\x1d" (List.map reading_of (requested text)) = expected
  | "subsumes", [g; r; result] -> setSubsumes w (set g) (set r) = bit result 0
  | "equivalent", [a; b; result] ->
    let a = set a and b = set b in (setSubsumes w a b && setSubsumes w b a) = bit result 0
  | "disjoint", [a; b; result; access_text] ->
    let a = set a and b = set b in
    setDisjoint w a b = bit result 0
    && (access_text = "" || (let x = access access_text in setPermits w a x && setPermits w b x))
  | "permits", [g; access_text; result] -> setPermits w (set g) (access access_text) = bit result 0
  | "normalize", [given; expected] ->
    let before = !printing_different in
    let g = set given and n = set ~canonical:true expected in
    let f = freshFor w g.resources in
    let atoms = normalAtoms w g.resources and theirs = List.map (canonAtom w f) (List.concat_map atomsOf n.resources) in
    setSubsumes w g n && setSubsumes w n g && !printing_different = before
    && List.length atoms = List.length theirs && List.for_all (fun a -> List.mem a theirs) atoms
  | ("intersect" | "union" | "uncovered"), [a; b; expected] ->
    let a = set a and b = set b and theirs = set expected in
    let ours = match op with
      | "intersect" -> setIntersect w moved b a
      | "uncovered" -> setUncovered w a b
      | _ -> setNormalize w { resources = a.resources @ b.resources; texts = a.texts @ b.texts } in
    setSubsumes w ours theirs && setSubsumes w theirs ours
  | "yes", g :: r :: entries ->
    check w (elements (granted g)) (elements (requested r)) (List.map entry entries)
  | "no", [g; r; access_text] -> let x = access access_text in setPermits w (set r) x && not (setPermits w (set g) x)
  | _ -> failwith op

let answer id op order parts =
  sources := [];
  let verdict = try if is_right (world order) op parts then "right" else "wrong" with Failure what | Invalid_argument what -> what in
  Printf.printf "vector\t%s\t%s\t%s\n" id op verdict
