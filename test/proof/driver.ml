(* Reads cases as lines of text, answers them with the extracted procedures, and counts where the package differs.
   The parts of a line are separated by tabs. *)
open Oracle
open Reading

let counts : (string, int * int * int) Hashtbl.t = Hashtbl.create 20
let shown = ref 0
let count name number ours package =
  let total, different, wrong_yes = Option.value (Hashtbl.find_opt counts name) ~default:(0, 0, 0) in
  let is_different = ours <> package in
  if is_different && !shown < 20 then begin
    incr shown; Printf.printf "differs\t%s\t%d\t%b\n" name number package end;
  Hashtbl.replace counts name
    (total + 1, different + Bool.to_int is_different, wrong_yes + Bool.to_int (is_different && package))
let reached : (string, int) Hashtbl.t = Hashtbl.create 20
let reach name condition =
  Hashtbl.replace reached name (Option.value (Hashtbl.find_opt reached name) ~default:0 + Bool.to_int condition)
let opponents : (int, int * int) Hashtbl.t = Hashtbl.create 20

let compare_case number = function
  | [order; g; r; answers; meet; join; rest; normal_g; normal_r; witness; tried; permitted; wrong] ->
    sources := [];
    let pairs = order_of order in
    let w = world pairs in
    let g = set g and r = set r in
    let both a b = setSubsumes w a b && setSubsumes w b a in
    let sub = setSubsumes w g r in
    let eq = sub && setSubsumes w r g in
    count "subsumes" number sub (bit answers 0);
    count "equivalent" number eq (bit answers 1);
    count "disjoint" number (setDisjoint w g r) (bit answers 2);
    let met = setIntersect w moved r g in
    count "intersect" number true (both met (set meet));
    let all = { resources = g.resources @ r.resources; texts = g.texts @ r.texts } in
    count "union" number true (both all (set ~canonical:true join));
    let left = setUncovered w g r and theirs = set rest in
    count "uncovered" number true (both left theirs
      && List.for_all (fun t -> not (List.mem t g.texts)) theirs.texts
      && List.for_all (fun a -> not (setPermits w g (Access (canonAccess (freshFor w g.resources) a))))
           (List.concat_map atomsOf theirs.resources));
    let n = set ~canonical:true normal_g in
    count "normalize: meaning" number true (both n g);
    let atoms = normalAtoms w g.resources in
    let printed = List.concat_map atomsOf n.resources in
    let f = freshFor w g.resources in
    let theirs = List.map (canonAtom w f) printed in
    count "normalize: maximal atoms" number true (List.length atoms = List.length theirs
      && List.for_all (fun a -> List.mem a theirs) atoms
      && List.for_all (fun t -> List.mem t n.texts) g.texts && List.for_all (fun t -> List.mem t g.texts) n.texts);
    count "normalize: equal texts" number eq (normal_g = normal_r);
    (if witness = "-" then count "counterexample" number sub true
     else let a = access witness in count "counterexample" number true (setPermits w r a && not (setPermits w g a)));
    let a = access tried in
    let p = setPermits w g a in
    count "permits" number p (bit permitted 0);
    count "compile" number p (bit permitted 1);
    (match a with
     | Access x -> count "compile: model of the index" number (compiled w g.resources x) (bit permitted 1)
     | Itself _ -> ());
    reach "answers yes" sub;
    reach "answers no" (not sub);
    reach "covered only by several scopes together" (sub && List.exists (fun s ->
      not (List.exists (fun one -> setSubsumes w { resources = [one]; texts = [] } { resources = [s]; texts = [] })
        g.resources)) r.resources);
    reach "the order of levels decides" (pairs <> [] && sub <> setSubsumes (world []) g r);
    reach "covered in part" (not sub && (met.resources <> [] || met.texts <> []));
    reach "equivalent sets" (eq && normal_g = normal_r);
    reach "an access is permitted" p;
    String.iteri (fun i c ->
      let yes, no = Option.value (Hashtbl.find_opt opponents i) ~default:(0, 0) in
      let said = c = '1' in
      Hashtbl.replace opponents i (yes + Bool.to_int (said && not sub), no + Bool.to_int (not said && sub))) wrong
  | parts -> failwith (Printf.sprintf "case with %d parts" (List.length parts))

let ptype = function
  | "token" -> TToken | "reference" -> TReference | "uri" -> TUri | "string" -> TString | "date" -> TDate
  | "number" -> TNumber | "quantity" -> TQuantity | _ -> TOther

(* A table as `Type name:type name:type;Type ...`, a name, and the type that the package gives it for `*`. *)
let compare_vocabulary number = function
  | [table; name; answer] ->
    let rows = List.map (fun row -> match String.split_on_char ' ' row with
      | t :: parameters -> word t, List.map (fun p -> match String.split_on_char ':' p with
          | [n; k] -> word n, ptype k | _ -> failwith p) parameters
      | [] -> failwith "row") (List.filter (fun r -> r <> "") (String.split_on_char ';' table)) in
    count "vocabulary for *" number true (typeOfStar rows (word name) = ptype answer)
  | _ -> failwith "vocabulary"

let () =
  let number = ref 0 in
  (try while true do
    match String.split_on_char '\t' (input_line stdin) with
    | "fold" :: c :: r -> Hashtbl.replace folded (int_of_string c) (List.map int_of_string (List.filter (fun s -> s <> "") r))
    | ["kind"; ty; name; kind] -> Hashtbl.replace kinds (ty, name) kind
    | "known" :: types -> known_types := types
    | "vector" :: id :: op :: order :: parts -> Vectors.answer id op (order_of order) parts
    | "case" :: parts -> incr number; compare_case !number parts
    | "table" :: parts -> compare_vocabulary !number parts
    | line -> failwith (String.concat " " line)
  done with End_of_file -> ());
  Hashtbl.iter (fun name (total, different, yes) -> Printf.printf "compared\t%s\t%d\t%d\t%d\n" name total different yes) counts;
  Printf.printf "compared\tprinting of queries\t%d\t%d\t0\n" !printing_compared !printing_different;
  Hashtbl.iter (fun name n -> Printf.printf "reached\t%s\t%d\n" name n) reached;
  Hashtbl.iter (fun i (yes, no) -> Printf.printf "opponent\t%d\t%d\t%d\n" i yes no) opponents
