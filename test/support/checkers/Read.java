import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.*;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what Check.java checks: the texts of scopes, and an access. A checker trusts its reader, its table of
 * parameters and its order of levels; what they give is data without text that has to be compared by a rule.
 */
final class Read {
    /** How a value is read, its parts (null: left open), and how a string begins, without case and accents. */
    record Value(String kind, List<String> parts, String start) {}
    /** How a parameter is read is part of its name. An opaque clause has one value. */
    record Clause(String parameter, List<Value> values) {}
    record Scope(String level, String type, List<String> permissions, List<Clause> query) {}
    record Use(String level, String type, String permission, Map<String, List<Value>> index) {}

    private record ClauseText(String name, String modifier, List<String> values) {}

    private static final Pattern FORM = Pattern.compile("(patient|user|system)/(\\*|[A-Z][A-Za-z0-9]*)\\."
        + "(?:(read|write|\\*)|(?=[cruds])(c?r?u?d?s?)(?:\\?([!#-\\[\\]-~]*))?)");
    private static final Pattern HEAD = Pattern.compile("([A-Za-z_][A-Za-z0-9_.-]*)(?::(.+))?", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("([^/:]*)/([^/:]*)");

    private static String plain(String text) { return text.replaceAll("\\\\([,|$\\\\])", "$1"); }

    private static String escaped(String text) { return text.replaceAll("[,|$\\\\]", "\\\\$0"); }

    private static String fold(String text) {
        String bare = Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
        return bare.toLowerCase(Locale.ROOT).replace('\u03c2', '\u03c3');
    }

    private static List<String> split(String text, char mark) {
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

    private static List<String> readToken(String text) {
        List<String> parts = split(text, '|');
        if (parts.size() == 1) return Arrays.asList(null, plain(text));
        String code = plain(String.join("|", parts.subList(1, parts.size())));
        return Arrays.asList(plain(parts.get(0)), code.isEmpty() ? null : code);
    }

    private static Value readValue(String kind, String text, boolean isExact) {
        if (kind.equals("token")) return new Value(kind, readToken(text), "");
        if (kind.equals("string"))
            return new Value(kind, Arrays.asList(isExact ? plain(text) : null), fold(plain(text)));
        if (kind.equals("reference") && !text.contains("/") && !text.contains(":"))
            return new Value(kind, Arrays.asList(null, plain(text)), "");
        if (kind.equals("reference") && text.matches("[^/:]+/[^/:]+"))
            return new Value(kind, List.of(plain(text).split("/")), "");
        return kind.equals("opaque") ? new Value(kind, List.of(text), "")
            : new Value(kind + " as a whole", List.of(plain(text)), "");
    }

    private static String decode(String text) throws CharacterCodingException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) != '%') { bytes.write(text.charAt(at)); continue; }
            if (!text.substring(at).matches("(?s)%[0-9A-Fa-f]{2}.*")) throw new CharacterCodingException();
            bytes.write(Integer.parseInt(text.substring(at + 1, at + 3), 16));
            at += 2;
        }
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    }

    private static ClauseText readClause(String text) {
        try {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) return null;
            Matcher head = HEAD.matcher(decode(text.substring(0, equals)));
            String value = decode(text.substring(equals + 1));
            List<String> values = split(value, ',');
            boolean isOpen = value.replaceAll("(?s)\\\\.", "").endsWith("\\");
            return !head.matches() || isOpen || values.contains("") ? null
                : new ClauseText(head.group(1), head.group(2), values);
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean includesIn(List<List<String>> order, String wide, String narrow) {
        List<List<String>> others = order.stream().filter(pair -> !pair.get(0).equals(wide)).toList();
        return wide.equals(narrow)
            || order.stream().anyMatch(pair -> pair.get(0).equals(wide) && includesIn(others, pair.get(1), narrow));
    }

    /** A question, read by the checker's own table and order; `typeOf` gives null where the table has nothing. */
    static final class Question {
        private final BiFunction<String, String, String> typeOf;
        private final List<List<String>> order;
        private final Map<String, List<String>> types = new LinkedHashMap<>();
        private final List<Object> granted;
        private final List<Object> requested;
        private final List<Object> stated;

        Question(String granted, String requested, BiFunction<String, String, String> typeOf, List<List<String>> order) {
            this.typeOf = typeOf;
            this.order = order;
            this.granted = readSet(granted);
            this.requested = readSet(requested);
            this.stated = List.of(1L, granted, requested, order, List.copyOf(types.values()));
        }

        /** The scopes of a set: a Scope, the text of a scope that permits only itself, or null for an empty scope. */
        List<Object> granted() { return granted; }

        List<Object> requested() { return requested; }

        /** What a certificate must state: its version, both texts, the order of the levels, and the types. */
        List<Object> stated() { return stated; }

        boolean includes(String wide, String narrow) { return includesIn(order, wide, narrow); }

        private String typeIn(String resourceType, String name) {
            return Objects.requireNonNullElse(typeOf.apply(resourceType, name), "opaque");
        }

        private Clause readBy(String type, ClauseText clause) {
            String found = typeIn(type, clause.name);
            types.put(type + " " + clause.name, List.of(type, clause.name, found));
            boolean isExact = found.equals("string") && "exact".equals(clause.modifier);
            if (!found.equals("opaque") && (clause.modifier == null || isExact)) return new Clause(found + " " + clause.name,
                clause.values.stream().map(one -> readValue(found, one, isExact)).toList());
            String key = clause.modifier == null ? clause.name : clause.name + ":" + clause.modifier;
            return new Clause("opaque " + key, List.of(readValue("opaque", String.join(",", clause.values), true)));
        }

        private List<Object> readSet(String text) {
            List<Object> elements = new ArrayList<>();
            for (String one : text.split(" ", -1)) elements.add(readElement(one));
            return elements;
        }

        private Object readElement(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) return text.isEmpty() ? null : text;
            List<ClauseText> clauses = new ArrayList<>();
            if (form.group(5) != null) for (String one : form.group(5).split("&", -1)) clauses.add(readClause(one));
            if (clauses.contains(null)) return text;
            String old = form.group(3);
            String letters = old == null ? form.group(4) : old.equals("read") ? "rs" : old.equals("write") ? "cud" : "cruds";
            return new Scope(form.group(1), form.group(2), List.of(letters.split("")),
                clauses.stream().map(clause -> readBy(form.group(2), clause)).toList());
        }

        private String ownType(String resourceType, String name) {
            String own = typeOf.apply(resourceType, name);
            return own == null ? typeIn("*", name) : own;
        }

        /** An access to a resource with its index, or the use of a scope that permits only itself. */
        @SuppressWarnings("unchecked")
        Object readUse(Map<String, Object> access) {
            if (access.containsKey("atom")) return Objects.requireNonNull((String) access.get("atom"));
            String own = (String) access.get("type"), level = (String) access.get("level");
            String permission = (String) access.get("permission");
            Map<String, List<Value>> index = new HashMap<>();
            for (Map.Entry<String, List<String>> entry : ((Map<String, List<String>>) access.get("resource")).entrySet()) {
                String key = entry.getKey();
                Matcher parts = KEY.matcher(key);
                String type = parts.matches() ? parts.group(1) : null, name = type == null ? key : parts.group(2);
                // type/name has the values for scopes of a type (or *) that reads the parameter otherwise than the resource.
                String kind = key.contains(":") ? "opaque" : type == null ? ownType(own, name) : typeIn(type, name);
                if (type != null && (kind.equals(ownType(own, name)) || !List.of(own, "*").contains(type))) continue;
                boolean isText = kind.equals("token") || kind.equals("opaque");
                List<Value> values = entry.getValue().stream()
                    .map(one -> readValue(kind, isText ? one : escaped(one), true)).toList();
                if (values.stream().anyMatch(value -> value.parts.stream().anyMatch(Objects::isNull)))
                    throw new IllegalArgumentException("an index value leaves nothing open");
                index.put(kind + " " + name, values);
            }
            return new Use(level, own, permission, index);
        }
    }
}
