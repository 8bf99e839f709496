import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.*;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Checks certificates of answers about scopes. It shares no code with the toolkit; see docs/scope-vectors.md.
 *
 * javac Check.java Json.java && java Check < scopes-1.jsonl
 *     checks each line that has a certificate and prints its id and the answer
 */
final class Check {
    record Clause(String name, String modifier, List<String> values) {}
    record Scope(String level, String type, String permissions, List<Clause> query) {}
    /** What a certificate must cover: an atom, or a text (then the scope is null). */
    record Wanted(long place, String text, Scope scope, String permission, List<Long> values) {}

    static final Pattern FORM = Pattern.compile("(patient|user|system)/(\\*|[A-Z][A-Za-z0-9]*)\\."
        + "(?:(read|write|\\*)|(?=[cruds])(c?r?u?d?s?)(?:\\?([!#-\\[\\]-~]*))?)");
    static final Pattern HEAD = Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]*)(?::(.+))?", Pattern.DOTALL);

    /** The checker's own: the types of parameters, and the pairs of levels. */
    final BiFunction<String, String, String> typeOf;
    final List<List<String>> order;

    Check(BiFunction<String, String, String> typeOf, List<List<String>> order) { this.typeOf = typeOf; this.order = order; }

    static String plain(String text) { return text.replaceAll("\\\\([,|$\\\\])", "$1"); }

    static String fold(String text) {
        String bare = Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
        return bare.toLowerCase(Locale.ROOT).replace('\u03c2', '\u03c3');
    }

    static List<String> split(String text, char mark) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == mark) { parts.add(part.toString()); part.setLength(0); continue; }
            part.append(c);
            if (c == '\\' && at + 1 < text.length()) part.append(text.charAt(++at));
        }
        parts.add(part.toString());
        return parts;
    }

    static String decode(String text) throws CharacterCodingException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) != '%') { bytes.write(text.charAt(at)); continue; }
            if (!text.substring(at).matches("(?s)%[0-9A-Fa-f]{2}.*")) throw new CharacterCodingException();
            bytes.write(Integer.parseInt(text.substring(at + 1, at + 3), 16));
            at += 2;
        }
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    }

    static Clause readClause(String text) {
        try {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) return null;
            Matcher head = HEAD.matcher(decode(text.substring(0, equals)));
            String value = decode(text.substring(equals + 1));
            List<String> values = split(value, ',');
            boolean isOpen = value.replaceAll("(?s)\\\\.", "").endsWith("\\");
            return !head.matches() || isOpen || values.contains("") ? null : new Clause(head.group(1), head.group(2), values);
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    static Scope readScope(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) return null;
        List<Clause> query = new ArrayList<>();
        if (form.group(5) != null) for (String one : form.group(5).split("&", -1)) query.add(readClause(one));
        String old = form.group(3);
        String permissions = old == null ? form.group(4) : old.equals("read") ? "rs" : old.equals("write") ? "cud" : "cruds";
        return query.contains(null) ? null : new Scope(form.group(1), form.group(2), permissions, query);
    }

    static String[] token(String text) {
        List<String> parts = split(text, '|');
        if (parts.size() == 1) return new String[] {null, plain(text)};
        String code = plain(String.join("|", parts.subList(1, parts.size())));
        return new String[] {plain(parts.get(0)), code.isEmpty() ? null : code};
    }

    static boolean covers(String type, String wide, String narrow, boolean isWideExact, boolean isNarrowExact) {
        if (type.equals("token")) {
            String[] w = token(wide), n = token(narrow);
            return (w[0] == null || w[0].equals(n[0])) && (w[1] == null || w[1].equals(n[1]));
        }
        if (type.equals("string") && !isWideExact) return fold(plain(narrow)).startsWith(fold(plain(wide)));
        if (type.equals("string") && !isNarrowExact) return false;
        if (type.equals("reference") && !wide.matches("(?s).*[/:].*") && narrow.matches("[^/:]+/[^/:]+"))
            return plain(wide).equals(plain(narrow).split("/")[1]);
        return plain(wide).equals(plain(narrow));
    }

    static boolean includes(List<List<String>> order, String wide, String narrow) {
        List<List<String>> others = order.stream().filter(pair -> !pair.get(0).equals(wide)).toList();
        return wide.equals(narrow)
            || order.stream().anyMatch(pair -> pair.get(0).equals(wide) && includes(others, pair.get(1), narrow));
    }

    /** The type of a parameter for scopes. */
    String knownType(String resourceType, String name) {
        return Objects.requireNonNullElse(typeOf.apply(resourceType, name), "opaque");
    }

    String typeIn(String resourceType, Clause clause) {
        String type = knownType(resourceType, clause.name);
        return clause.modifier == null || (type.equals("string") && clause.modifier.equals("exact")) ? type : "opaque";
    }

    /** Values that the type of the resource ("*" where it is unknown) reads differently are no values for the scope. */
    String keyOf(String scopeType, Clause clause, String resourceType) {
        String type = typeIn(scopeType, clause);
        if (type.equals("opaque") && clause.modifier != null) return clause.name + ":" + clause.modifier;
        String own = typeOf.apply(resourceType, clause.name);
        String read = own == null ? knownType("*", clause.name) : own;
        return read.equals(type) ? clause.name : scopeType + "/" + clause.name;
    }

    @SuppressWarnings("unchecked")
    boolean holds(String scopeType, Clause clause, Map<String, Object> access) {
        String type = typeIn(scopeType, clause);
        Map<String, List<String>> resource = (Map<String, List<String>>) access.get("resource");
        List<String> found = resource.getOrDefault(keyOf(scopeType, clause, (String) access.get("type")), List.of());
        if (type.equals("opaque")) return found.contains(String.join(",", clause.values));
        return clause.values.stream().anyMatch(value -> found.stream().anyMatch(one -> covers(type, value,
            type.equals("token") ? one : one.replaceAll("[,|$\\\\]", "\\\\$0"), clause.modifier != null, true)));
    }

    boolean permits(String granted, Map<String, Object> access) {
        for (String text : granted.split(" ", -1)) {
            Scope scope = readScope(text);
            if (scope == null && !text.isEmpty() && text.equals(access.get("atom"))) return true;
            if (scope == null || access.containsKey("atom")) continue;
            if (includes(order, scope.level, (String) access.get("level"))
                && (scope.type.equals("*") || scope.type.equals(access.get("type")))
                && List.of(scope.permissions.split("")).contains(access.get("permission"))
                && scope.query.stream().allMatch(clause -> holds(scope.type, clause, access))) return true;
        }
        return false;
    }

    String statedType(Set<Object> stated, String resourceType, Clause clause) {
        if (!stated.contains(List.of(resourceType, clause.name, knownType(resourceType, clause.name))))
            throw new IllegalArgumentException("a type that the certificate does not state");
        return typeIn(resourceType, clause);
    }

    /** Every atom of the request, in order: what is to be covered does not depend on the certificate. */
    List<Wanted> wanted(String requested, Set<Object> stated) {
        List<Wanted> wanted = new ArrayList<>();
        String[] texts = requested.split(" ", -1);
        for (int place = 0; place < texts.length; place++) {
            Scope scope = readScope(texts[place]);
            if (scope == null && !texts[place].isEmpty()) wanted.add(new Wanted(place, texts[place], null, null, null));
            if (scope == null) continue;
            List<List<Long>> choices = List.of(List.of());
            for (Clause clause : scope.query) {
                int size = statedType(stated, scope.type, clause).equals("opaque") ? 1 : clause.values.size();
                List<List<Long>> longer = new ArrayList<>();
                for (List<Long> choice : choices) for (long value = 0; value < size; value++) {
                    List<Long> one = new ArrayList<>(choice);
                    one.add(value);
                    longer.add(one);
                }
                choices = longer;
            }
            for (List<Long> values : choices) for (String permission : scope.permissions.split(""))
                wanted.add(new Wanted(place, texts[place], scope, permission, values));
        }
        return wanted;
    }

    boolean valueCovers(Set<Object> stated, Scope granted, Clause wide, Wanted want, long value, long clause) {
        Clause narrow = want.scope.query.get((int) clause);
        String type = statedType(stated, granted.type, wide);
        if (!wide.name.equals(narrow.name) || !type.equals(statedType(stated, want.scope.type, narrow))) return false;
        if (type.equals("opaque")) return value == 0 && wide.equals(narrow);
        return covers(type, wide.values.get((int) value), narrow.values.get(want.values.get((int) clause).intValue()),
            wide.modifier != null, narrow.modifier != null);
    }

    @SuppressWarnings("unchecked")
    boolean isCovered(Set<Object> stated, String[] texts, Scope[] scopes, Wanted want, Map<String, Object> atom) {
        int place = Math.toIntExact((Long) atom.get("granted"));
        if (!Objects.equals(atom.get("requested"), want.place)) return false;
        if (want.scope == null)
            return atom.keySet().equals(Set.of("requested", "granted")) && texts[place].equals(want.text);
        Scope granted = scopes[place];
        List<List<Long>> by = (List<List<Long>>) atom.get("by");
        return want.permission.equals(atom.get("permission")) && want.values.equals(atom.get("values"))
            && includes(order, granted.level, want.scope.level)
            && (granted.type.equals("*") || granted.type.equals(want.scope.type))
            && granted.permissions.contains(want.permission) && by.size() == granted.query.size()
            && IntStream.range(0, by.size()).allMatch(n ->
                valueCovers(stated, granted, granted.query.get(n), want, by.get(n).get(0), by.get(n).get(1)));
    }

    /** Whether a certificate proves its answer to this question. */
    @SuppressWarnings("unchecked")
    boolean check(String granted, String requested, Map<String, Object> given) {
        if (!Objects.equals(given.get("version"), 1L) || !granted.equals(given.get("granted"))
            || !requested.equals(given.get("requested")) || !order.equals(given.get("levelOrder"))) return false;
        Set<Object> stated = new HashSet<>((List<Object>) given.get("types"));
        for (Object row : stated) {
            List<String> one = (List<String>) row;
            if (!knownType(one.get(0), one.get(1)).equals(one.get(2))) return false;
        }
        if (Boolean.FALSE.equals(given.get("result"))) {
            Map<String, Object> access = (Map<String, Object>) given.get("access");
            return permits(requested, access) && !permits(granted, access);
        }
        String[] texts = granted.split(" ", -1);
        Scope[] scopes = Arrays.stream(texts).map(Check::readScope).toArray(Scope[]::new);
        List<Wanted> wanted = wanted(requested, stated);
        List<Map<String, Object>> atoms = (List<Map<String, Object>>) given.get("atoms");
        return Boolean.TRUE.equals(given.get("result")) && atoms.size() == wanted.size() && IntStream.range(0, atoms.size())
            .allMatch(n -> isCovered(stated, texts, scopes, wanted.get(n), atoms.get(n)));
    }

    @SuppressWarnings("unchecked")
    static boolean answer(Map<String, Object> line, Map<String, Map<String, String>> types) {
        Check checker = new Check(
            (type, name) -> types.getOrDefault(type, Map.of()).get(name),
            (List<List<String>>) line.getOrDefault("levelOrder", List.of()));
        try {
            if (line.get("certificate") instanceof Map<?, ?> one)
                return checker.check((String) line.get("granted"), (String) line.get("requested"), (Map<String, Object>) one);
            for (Map<String, Object> one : (List<Map<String, Object>>) line.get("certificates"))
                if (!checker.check((String) one.get("granted"), (String) one.get("requested"), one)) return false;
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] none) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Map<String, Map<String, String>> types = Map.of();
        for (String text; (text = in.readLine()) != null; ) {
            Map<String, Object> line = (Map<String, Object>) Json.read(text);
            if (line.containsKey("kinds")) types = (Map<String, Map<String, String>>) line.get("types");
            if (line.containsKey("certificate") || line.containsKey("certificates"))
                out.println(line.get("id") + (answer(line, types) ? " accepted" : " refused"));
        }
        out.flush();
    }
}
