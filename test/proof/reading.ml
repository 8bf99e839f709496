(* Reads scope sets, accesses and orders of levels. Queries are read by the extracted reader; the head of a scope (level,
   type, permissions), which names and characters are allowed, and the types of parameters are read here. *)
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
let known_types = ref ["*"; "A"; "B"]
let kind_of ty name =
  Option.value (Hashtbl.find_opt kinds ((if List.mem ty !known_types then ty else "C"), name)) ~default:"other"
(* The type of a parameter in the index of a resource: `*` reads what the table does not have. *)
let own_kind ty name =
  kind_of (if List.mem ty !known_types && Hashtbl.mem kinds (ty, name) then ty else "*") name
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
    (* No value or modifier holds the separator behind the equals sign. *)
    Opaque (word (Printf.sprintf "opaque %s:%s=\x1d%s" name modifier (String.concat "," (List.map string_of_bytes values))))
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

(* UTF-8 without surrogates and overlong forms. *)
let rec is_utf8 = function
  | [] -> true
  | a :: r when a < 0x80 -> is_utf8 r
  | a :: b :: r when a >= 0xc2 && a < 0xe0 && b lsr 6 = 2 -> is_utf8 r
  | a :: b :: c :: r when a lsr 4 = 0xe && b lsr 6 = 2 && c lsr 6 = 2 && (a > 0xe0 || b >= 0xa0)
      && (a <> 0xed || b < 0xa0) -> is_utf8 r
  | a :: b :: c :: d :: r when a >= 0xf0 && a < 0xf5 && b lsr 6 = 2 && c lsr 6 = 2 && d lsr 6 = 2
      && (a > 0xf0 || b >= 0x90) && (a < 0xf4 || b < 0x90) -> is_utf8 r
  | _ -> false
let is_letter c = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
let is_in more c = is_letter c || (c >= '0' && c <= '9') || String.contains more c
let is_type t = t = "*" || (t <> "" && t.[0] >= 'A' && t.[0] <= 'Z' && List.for_all (is_in "") (List.of_seq (String.to_seq t)))
let rec is_escaped = function 92 :: [] -> false | 92 :: _ :: r | _ :: r -> is_escaped r | [] -> true
let is_clause (name, values) =
  let plain, modifier = match String.index_opt (string_of_bytes name) ':' with
    | None -> string_of_bytes name, "none"
    | Some i -> let s = string_of_bytes name in String.sub s 0 i, String.sub s (i + 1) (String.length s - i - 1) in
  is_utf8 name && plain <> "" && (is_letter plain.[0] || plain.[0] = '_') && modifier <> ""
  && List.for_all (is_in "_.-") (List.of_seq (String.to_seq plain))
  && List.for_all (fun v -> v <> [] && is_utf8 v && is_escaped v) values
let is_query q = List.for_all (fun c -> c >= 0x21 && c <= 0x7e && c <> 0x22 && c <> 0x5c) (bytes q)

(* The clauses of a query; none where it is malformed. *)
let clauses_of q = if not (is_query q) then None else match readQuery (bytes q) with
  | Some clauses when List.for_all is_clause clauses -> Some clauses
  | _ -> None

(* The head and the clauses of a resource scope, and the text of its query. *)
let parts_of text =
  let head, query = match String.index_opt text '?' with
    | None -> text, None
    | Some i -> String.sub text 0 i, Some (String.sub text (i + 1) (String.length text - i - 1)) in
  match String.index_opt head '/', String.rindex_opt head '.' with
  | Some slash, Some dot when slash < dot && List.mem (String.sub head 0 slash) ["patient"; "user"; "system"]
      && is_type (String.sub head (slash + 1) (dot - slash - 1)) ->
    let suffix = String.sub head (dot + 1) (String.length head - dot - 1) in
    if not (in_order suffix || (query = None && List.mem suffix ["read"; "write"; "*"])) then None else
    Option.map (fun clauses ->
        (String.sub head 0 slash, String.sub head (slash + 1) (dot - slash - 1), permissions suffix, clauses, query))
      (match query with None -> Some [] | Some q -> clauses_of q)
  | _ -> None

let printing_compared = ref 0 and printing_different = ref 0
let scope text = match parts_of text with
  | None -> None, None
  | Some (lvl, ty, perms, clauses, query) ->
    Some { lvl = level lvl; ty = (if ty = "*" then None else Some (type_word ty)); perms;
           query = List.map (clause ty) clauses }, query

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
        (* `type/name` has values for scopes of a type, or of `*`, that reads the parameter otherwise than the resource. *)
        let scope_type, name = match String.index_opt name '/' with
          | Some i when not (contains ':' name) ->
            Some (String.sub name 0 i), String.sub name (i + 1) (String.length name - i - 1)
          | _ -> None, name in
        let own = own_kind t name in
        let kind = match scope_type with None -> own | Some s -> kind_of s name in
        let is_used = match scope_type with None -> true | Some s -> (s = "*" || s = t) && kind <> own in
        if not is_used then ()
        else if kind <> "other" then Hashtbl.replace index (word name)
            (Option.value (Hashtbl.find_opt index (word name)) ~default:[] @ List.map (indexed name kind) values)
        else let name = if contains ':' name then name else name ^ ":" in
          List.iter (fun v -> Hashtbl.replace opaque (word (Printf.sprintf "opaque %s=\x1d%s" name v)) ()) values
      | [] -> ()) parameters;
    Access { alvl = level l; aty = type_word t; aperm = permission p.[0];
      ares = { index = (fun w -> Option.value (Hashtbl.find_opt index w) ~default:[]); opq = Hashtbl.mem opaque } }
  | _ -> failwith "access"


let bit s i = s.[i] = '1'
let order_of text = List.init (String.length text / 2) (fun i ->
  let one c = match c with 'p' -> Patient | 'u' -> User | _ -> System in one text.[2 * i], one text.[2 * i + 1])
