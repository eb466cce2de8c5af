import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.PathNotFoundException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.text.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Renders templates with Apache Velocity 1.7: reads a line of JSON a case, {"template", "body"}, and writes one a result,
 * {"text"} or {"error"}. JSON and JSONPath are Jayway's, $util is made of the libraries that API Gateway documents.
 */
public class Oracle {
  static final Configuration PATHS = Configuration.defaultConfiguration().addOptions(Option.SUPPRESS_EXCEPTIONS);

  public static class Input {
    private final String body;
    private final Object document;

    Input(String body) {
      this.body = body;
      Object parsed;
      try {
        parsed = PATHS.jsonProvider().parse(body);
      } catch (RuntimeException notJson) {
        parsed = body;
      }
      document = parsed;
    }

    public String getBody() {
      return body;
    }

    public Object path(String path) {
      Object value = JsonPath.using(PATHS).parse(document).read(path);
      return value == null ? "" : value;
    }

    public String json(String path) {
      try {
        return Oracle.json(JsonPath.parse(document).read(path));
      } catch (PathNotFoundException none) {
        return "\"\"";
      }
    }

    public Map<String, Object> params() {
      Map<String, Object> params = new LinkedHashMap<>();
      for (String kind : List.of("path", "querystring", "header")) params.put(kind, new LinkedHashMap<String, Object>());
      return params;
    }

    public String params(String name) {
      return "";
    }
  }

  static String json(Object value) {
    if (value instanceof String) {
      StringBuilder text = new StringBuilder("\"");
      net.minidev.json.JSONValue.escape((String) value, text, net.minidev.json.JSONStyle.LT_COMPRESS);
      return text.append('"').toString();
    }
    if (value instanceof Map || value instanceof List) return PATHS.jsonProvider().toJson(value);
    return String.valueOf(value);
  }

  public static class Util {
    public String escapeJavaScript(String text) {
      return StringEscapeUtils.escapeEcmaScript(text);
    }

    public Object parseJson(String text) {
      return PATHS.jsonProvider().parse(text);
    }

    public String urlEncode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public String urlDecode(String text) {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    public String base64Encode(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(String text) {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
  }

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Map<String, Object> one = JsonPath.parse(line).json();
      Map<String, Object> result = new LinkedHashMap<>();
      try {
        result.put("text", render((String) one.get("template"), (String) one.get("body")));
      } catch (Throwable failure) {
        result.put("error", failure.getClass().getSimpleName() + ": " + failure.getMessage());
      }
      out.println(PATHS.jsonProvider().toJson(result));
    }
  }

  /** Each with an engine of its own: macros are shared by all templates of one. */
  static String render(String template, String body) {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.setProperty("velocimacro.library", "");
    engine.init();
    VelocityContext context = new VelocityContext();
    Map<String, Object> identity = new LinkedHashMap<>(Map.of("sourceIp", "127.0.0.1"));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("connectionId", "L0SM9cOFvHcCIhw=");
    facts.put("requestTimeEpoch", 1700000000123L);
    facts.put("routeKey", "$default");
    facts.put("identity", identity);
    context.put("context", facts);
    context.put("input", new Input(body));
    context.put("util", new Util());
    Map<String, Object> stage = new LinkedHashMap<>();
    stage.put("table", "events");
    stage.put("colour", "blue");
    context.put("stageVariables", stage);
    StringWriter text = new StringWriter();
    engine.evaluate(context, text, "template", template);
    return text.toString();
  }
}
