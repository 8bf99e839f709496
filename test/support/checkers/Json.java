import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON: Java has no reader of its own. Whole numbers are read as Long, other numbers as Double. */
final class Json {
    private final String text;
    private int at = 0;

    private Json(String text) { this.text = text; }

    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at != text.length()) throw new IllegalArgumentException("text after the value");
        return value;
    }

    private void space() { while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++; }

    private boolean take(char mark) {
        space();
        if (text.charAt(at) != mark) return false;
        at++;
        return true;
    }

    private void expect(char mark) { if (!take(mark)) throw new IllegalArgumentException("expected " + mark); }

    private Object value() {
        space();
        if (text.charAt(at) == '"') return string();
        if (take('{')) {
            Map<String, Object> members = new LinkedHashMap<>();
            if (take('}')) return members;
            do { space(); String name = string(); expect(':'); members.put(name, value()); } while (take(','));
            expect('}');
            return members;
        }
        if (take('[')) {
            List<Object> values = new ArrayList<>();
            if (take(']')) return values;
            do values.add(value()); while (take(','));
            expect(']');
            return values;
        }
        int start = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
        String word = text.substring(start, at);
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            default -> word.matches("-?[0-9]+") ? (Object) Long.valueOf(word) : (Object) Double.valueOf(word);
        };
    }

    private String string() {
        expect('"');
        StringBuilder read = new StringBuilder();
        for (char c; (c = text.charAt(at++)) != '"'; ) {
            if (c != '\\') { read.append(c); continue; }
            char escape = text.charAt(at++);
            int place = "\"\\/bfnrt".indexOf(escape);
            if (place >= 0) read.append("\"\\/\b\f\n\r\t".charAt(place));
            else { read.append((char) Integer.parseInt(text.substring(at, at + 4), 16)); at += 4; }
        }
        return read.toString();
    }
}
