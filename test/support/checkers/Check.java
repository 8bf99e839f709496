import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Checks certificates of answers about scopes, without code of the toolkit. The definitions are those of the same names
 * in test/proof/Certificates.v, which proves that what check accepts is true. Read.java reads what is checked.
 */
record Check(Read.Question question) {
    /** A part that is null is left open. */
    static boolean covers(Read.Value wide, Read.Value narrow) {
        return wide.kind().equals(narrow.kind()) && narrow.start().startsWith(wide.start())
            && IntStream.range(0, wide.parts().size()).allMatch(n ->
                wide.parts().get(n) == null || wide.parts().get(n).equals(narrow.parts().get(n)));
    }

    static boolean clauseCovers(Read.Clause wide, long value, Read.Clause narrow, long chosen) {
        return wide.parameter().equals(narrow.parameter())
            && covers(wide.values().get(Math.toIntExact(value)), narrow.values().get(Math.toIntExact(chosen)));
    }

    static boolean typeCovers(String wide, String narrow) { return wide.equals("*") || wide.equals(narrow); }

    boolean scopeCovers(Read.Scope wide, Read.Scope narrow, String permission, List<Long> values, List<List<Long>> by) {
        return question.includes(wide.level(), narrow.level()) && typeCovers(wide.type(), narrow.type())
            && wide.permissions().contains(permission) && by.size() == wide.query().size()
            && IntStream.range(0, by.size()).allMatch(n -> {
                int clause = Math.toIntExact(by.get(n).get(1));
                return clauseCovers(wide.query().get(n), by.get(n).get(0), narrow.query().get(clause), values.get(clause));
            });
    }

    /** Every choice of one value of each clause; the last changes first. */
    static Stream<List<Long>> choices(List<Read.Clause> query) {
        if (query.isEmpty()) return Stream.of(List.of());
        Stream<List<Long>> shorter = choices(query.subList(0, query.size() - 1));
        return shorter.flatMap(one -> LongStream.range(0, query.get(query.size() - 1).values().size())
            .mapToObj(value -> Stream.concat(one.stream(), Stream.of(value)).toList()));
    }

    /** All that must be covered. It is made from the request, not from the certificate. */
    static Stream<List<Object>> wanted(Object element, long place) {
        if (!(element instanceof Read.Scope scope))
            return element == null ? Stream.of() : Stream.of(Arrays.asList(place, null, null));
        return choices(scope.query()).flatMap(values ->
            scope.permissions().stream().map(permission -> List.of(place, permission, values)));
    }

    @SuppressWarnings("unchecked")
    boolean covered(Map<String, Object> entry) {
        Object wide = question.granted().get(Math.toIntExact((Long) entry.get("granted")));
        Object narrow = question.requested().get(Math.toIntExact((Long) entry.get("requested")));
        if (!(wide instanceof Read.Scope one && narrow instanceof Read.Scope other))
            return narrow.equals(wide) && entry.get("by") == null;
        return scopeCovers(one, other, (String) entry.get("permission"), (List<Long>) entry.get("values"),
            (List<List<Long>>) entry.get("by"));
    }

    boolean allows(Object element, Object use) {
        if (!(element instanceof Read.Scope scope && use instanceof Read.Use access)) return use.equals(element);
        return question.includes(scope.level(), access.level()) && typeCovers(scope.type(), access.type())
            && scope.permissions().contains(access.permission())
            && scope.query().stream().allMatch(clause -> clause.values().stream().anyMatch(value ->
                access.index().getOrDefault(clause.parameter(), List.of()).stream().anyMatch(one -> covers(value, one))));
    }

    boolean permits(List<Object> elements, Object use) {
        return elements.stream().anyMatch(element -> element != null && allows(element, use));
    }

    /** Whether a certificate proves its answer to the question. Throws where it is not a certificate at all. */
    @SuppressWarnings("unchecked")
    boolean check(Map<String, Object> given) {
        List<Object> stated = Arrays.asList(given.get("version"), given.get("granted"), given.get("requested"),
            given.get("levelOrder"), given.get("types"));
        if (!stated.equals(question.stated())) return false;
        if (Boolean.FALSE.equals(given.get("result"))) {
            Object use = question.readUse((Map<String, Object>) given.get("access"));
            return permits(question.requested(), use) && !permits(question.granted(), use);
        }
        List<Map<String, Object>> entries = (List<Map<String, Object>>) given.get("atoms");
        List<List<Object>> named = entries.stream().map(entry ->
            Arrays.asList(entry.get("requested"), entry.get("permission"), entry.get("values"))).toList();
        List<List<Object>> atoms = IntStream.range(0, question.requested().size()).boxed()
            .flatMap(place -> wanted(question.requested().get(place), place)).toList();
        return Boolean.TRUE.equals(given.get("result")) && named.equals(atoms) && entries.stream().allMatch(this::covered);
    }
}
