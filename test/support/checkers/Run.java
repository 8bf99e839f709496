import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * javac Check.java Read.java Json.java Run.java && java Run < scopes-1.jsonl
 *     checks each line that has a certificate and prints its id and the answer
 */
final class Run {
    @SuppressWarnings("unchecked")
    static boolean isAccepted(Map<String, Object> line, Map<String, Map<String, String>> types) {
        BiFunction<String, String, String> typeOf = (type, name) -> types.getOrDefault(type, Map.of()).get(name);
        List<List<String>> order = (List<List<String>>) line.getOrDefault("levelOrder", List.of());
        boolean isOne = line.containsKey("certificate");
        try {
            for (Object certificate : isOne ? List.of(line.get("certificate")) : (List<Object>) line.get("certificates")) {
                Map<String, Object> given = (Map<String, Object>) certificate, asked = isOne ? line : given;
                Read.Question question =
                    new Read.Question((String) asked.get("granted"), (String) asked.get("requested"), typeOf, order);
                if (!new Check(question).check(given)) return false;
            }
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
                out.println(line.get("id") + (isAccepted(line, types) ? " accepted" : " refused"));
        }
        out.flush();
    }
}
