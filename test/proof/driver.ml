(* Reads cases as lines of text, answers them with the extracted procedures, and counts where the package differs.
   The parts of a line are separated by tabs. Queries are read by the extracted reader; only the head of a scope
   (level, type, permissions) and the kinds of parameters are read here. *)
open Oracle

let interned : (string, int) Hashtbl.t = Hashtbl.create 1000
(* Words lie above all characters. *)
let word s = match Hashtbl.find_opt interned s with
  | Some w -> w
  | None -> let w = 0x200000 + Hashtbl.length interned in Hashtbl.add interned s w; w

let bytes s = List.init (String.length s) (fun i -> Char.code s.[i])
let string_of_bytes l = String.init (List.length l) (fun i -> Char.chr (List.nth l i))
let string_of_bytes l = if List.length l < 200 then string_of_bytes l else
  let b = Buffer.create 256 in List.iter (fun c -> Buffer.add_char b (Char.chr c)) l; Buffer.contents b

(* The code points of a text in UTF-8. *)
let rec points = function
  | [] -> []
  | a :: r when a < 0x80 -> a :: points r
  | a :: b :: r when a < 0xe0 -> (((a land 0x1f) lsl 6) lor (b land 0x3f)) :: points r
  | a :: b :: c :: r when a < 0xf0 ->
    (((a land 0xf) lsl 12) lor ((b land 0x3f) lsl 6) lor (c land 0x3f)) :: points r
  | a :: b :: c :: d :: r ->
    (((a land 7) lsl 18) lor ((b land 0x3f) lsl 12) lor ((c land 0x3f) lsl 6) lor (d land 0x3f)) :: points r
  | _ -> failwith "not UTF-8"

let folded : (int, int list) Hashtbl.t = Hashtbl.create 100
let fold_text l = List.concat_map (fun c -> match Hashtbl.find_opt folded c with Some r -> r | None -> [c]) l
let world order = { fold = fold_text; freshFrom = (fun n -> n + 0x40000000); includes = includesLevel order }

(* The type of a parameter for a resource type or `*`. A type that is not known has a parameter as the table `C`. *)
let kinds : (string * string, string) Hashtbl.t = Hashtbl.create 20
let known_types = ["*"; "A"; "B"]
let kind_of ty name =
  Option.value (Hashtbl.find_opt kinds ((if List.mem ty known_types then ty else "C"), name)) ~default:"other"
let contains c s = String.contains s c

let value kind exact raw =
  let text = unescape raw in
  let s = string_of_bytes text in
  match kind with
  | "token" -> (match tokenOf raw with
    | None, Some c -> QCode (word (string_of_bytes c))
    | None, None -> failwith "empty token"
    | Some [], Some c -> QNoSys (word (string_of_bytes c))
    | Some [], None -> QBar
    | Some s, Some c -> QSysCode (word (string_of_bytes s), word (string_of_bytes c))
    | Some s, None -> QSys (word (string_of_bytes s)))
  | "reference" ->
    let written = string_of_bytes raw in
    if not (contains '/' written) && not (contains ':' written) then QId (word s)
    else (match String.split_on_char '/' s with
      | [t; i] when t <> "" && not (contains ':' s) -> QRef (word t, word i)
      | _ -> QUrl (word s))
  | "uri" -> QUri (word s)
  | _ -> if exact then QExact (points text) else QPrefix (points text)

(* Clauses are read for a type; moving one to another type reads its source again. *)
let sources : (clause * (int list * int list list)) list ref = ref []
let clause ty ((name, values) as source) =
  let name = string_of_bytes name in
  let name, modifier = match String.index_opt name ':' with
    | None -> name, ""
    | Some i -> String.sub name 0 i, String.sub name (i + 1) (String.length name - i - 1) in
  let kind = kind_of ty name in
  let exact = kind = "string" && modifier = "exact" in
  let read = if kind = "other" || (modifier <> "" && not exact) then
    Opaque (word (Printf.sprintf "opaque %s:%s=%s" name modifier (String.concat "," (List.map string_of_bytes values))))
  else Interp (word name, List.map (value kind exact) values) in
  sources := (read, source) :: !sources;
  read

let level = function "patient" -> Patient | "user" -> User | "system" -> System | l -> failwith l
let type_names : (int, string) Hashtbl.t = Hashtbl.create 20
let type_word t = let w = word ("type " ^ t) in Hashtbl.replace type_names w t; w
let moved ty c = match List.assq_opt c !sources with
  | Some source -> clause (Hashtbl.find type_names ty) source
  | None -> failwith "a clause without a source"
let permission = function 'c' -> 0 | 'r' -> 1 | 'u' -> 2 | 'd' -> 3 | 's' -> 4 | _ -> failwith "permission"
let permissions = function
  | "read" -> [1; 4] | "write" -> [0; 2; 3] | "*" -> [0; 1; 2; 3; 4]
  | s -> List.init (String.length s) (fun i -> permission s.[i])

(* A suffix of version 2 names permissions in their order. *)
let in_order s = let ps = List.init (String.length s) (fun i -> String.index_opt "cruds" s.[i]) in
  ps <> [] && List.for_all (fun p -> p <> None) ps && List.sort_uniq compare ps = ps

let printing_compared = ref 0 and printing_different = ref 0
let scope text =
  let head, query = match String.index_opt text '?' with
    | None -> text, None
    | Some i -> String.sub text 0 i, Some (String.sub text (i + 1) (String.length text - i - 1)) in
  match String.index_opt head '/', String.rindex_opt head '.' with
  | Some slash, Some dot when List.mem (String.sub head 0 slash) ["patient"; "user"; "system"]
      && (let suffix = String.sub head (dot + 1) (String.length head - dot - 1) in
          in_order suffix || (query = None && List.mem suffix ["read"; "write"; "*"])) ->
    let ty = String.sub head (slash + 1) (dot - slash - 1) in
    let read = match query with None -> Some [] | Some q -> readQuery (bytes q) in
    (match read with
     | None -> failwith ("not read: " ^ text)
     | Some clauses -> Some { lvl = level (String.sub head 0 slash); ty = (if ty = "*" then None else Some (type_word ty));
         perms = permissions (String.sub head (dot + 1) (String.length head - dot - 1));
         query = List.map (clause ty) clauses }, query)
  | _ -> None, None

(* What the package prints is what the extracted printer prints. *)
let check_printing query = match query with
  | None -> ()
  | Some q -> incr printing_compared;
    (match readQuery (bytes q) with
     | Some clauses when string_of_bytes (printQuery clauses) = q -> ()
     | _ -> incr printing_different)

let set ?(canonical = false) text =
  let read = List.filter_map (fun one -> if one = "" then None else Some (one, scope one)) (String.split_on_char ' ' text) in
  if canonical then List.iter (fun (_, (_, query)) -> check_printing query) read;
  { resources = List.filter_map (fun (_, (s, _)) -> s) read;
    texts = List.filter_map (fun (one, (s, _)) -> if s = None then Some (word ("scope " ^ one)) else None) read }

(* An access: level, type and permission, then parameters with their values. *)
let indexed name kind v = match kind with
  | "token" -> (match splitBar [] (bytes v) with
    | Some ([], c) -> Tok (None, word (string_of_bytes (unescape c)))
    | Some (s, c) -> Tok (Some (word (string_of_bytes (unescape s))), word (string_of_bytes (unescape c)))
    | None -> failwith ("token without a bar: " ^ name ^ " " ^ v))
  | "reference" -> (match String.split_on_char '/' v with
    | [t; i] when t <> "" && not (contains ':' v) -> Ref (word t, word i)
    | _ -> RefUrl (word v))
  | "uri" -> Uri (word v)
  | _ -> Str (points (bytes v))
let access text = match String.split_on_char '\x1e' text with
  | [atom] -> Itself (word ("scope " ^ atom))
  | l :: t :: p :: parameters ->
    let index = Hashtbl.create 5 and opaque = Hashtbl.create 5 in
    List.iter (fun parameter -> match String.split_on_char '\x1f' parameter with
      | name :: values ->
        (* A plain name is read as the type of the resource reads it, or as `*`; `type/name` as that type. *)
        let own, name = match String.index_opt name '/' with
          | Some i when not (contains ':' name) ->
            String.sub name 0 i, String.sub name (i + 1) (String.length name - i - 1)
          | _ -> (if List.mem t known_types then t else "*"), name in
        (match kind_of own name with
         | kind when kind <> "other" -> Hashtbl.replace index (word name) (List.map (indexed name kind) values)
         | _ -> let name = if contains ':' name then name else name ^ ":" in
           List.iter (fun v -> Hashtbl.replace opaque (word (Printf.sprintf "opaque %s=%s" name v)) ()) values)
      | [] -> ()) parameters;
    Access { alvl = level l; aty = type_word t; aperm = permission p.[0];
      ares = { index = (fun w -> Option.value (Hashtbl.find_opt index w) ~default:[]); opq = Hashtbl.mem opaque } }
  | _ -> failwith "access"

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

let bit s i = s.[i] = '1'
let order_of text = List.init (String.length text / 2) (fun i ->
  let one c = match c with 'p' -> Patient | 'u' -> User | _ -> System in one text.[2 * i], one text.[2 * i + 1])

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
    | "case" :: parts -> incr number; compare_case !number parts
    | "table" :: parts -> compare_vocabulary !number parts
    | line -> failwith (String.concat " " line)
  done with End_of_file -> ());
  Hashtbl.iter (fun name (total, different, yes) -> Printf.printf "compared\t%s\t%d\t%d\t%d\n" name total different yes) counts;
  Printf.printf "compared\tprinting of queries\t%d\t%d\t0\n" !printing_compared !printing_different;
  Hashtbl.iter (fun name n -> Printf.printf "reached\t%s\t%d\n" name n) reached;
  Hashtbl.iter (fun i (yes, no) -> Printf.printf "opponent\t%d\t%d\t%d\n" i yes no) opponents
