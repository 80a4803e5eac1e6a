// Configurations of Spring as people write them, in one program: what is imported is what is compiled and runs. `#` is the
// number of each, whose paths are below `/c#`. Version 4.3 has no patterns of origins, takes no `*` as a header that is
// exposed, and keeps a slash at the end of an origin: the tests of the importer have these.

const NAMED = '"https://app.example.com"';
const BOTH = '"https://app.example.com", "https://admin.example.com:8443"';

/** Chains behind `registry.addMapping("/c#/**")`. */
const MAPPINGS = [
  "",
  `.allowedOrigins(${NAMED})`,
  `.allowedOrigins(${NAMED}).allowCredentials(true)`,
  `.allowedOrigins(${NAMED}).allowCredentials(false)`,
  `.allowedOrigins(${BOTH}).allowedMethods("GET", "PUT").allowCredentials(true)`,
  `.allowedOrigins(${BOTH}).allowedMethods("PUT", "DELETE").allowedHeaders("X-A").exposedHeaders("X-Request-Id", "ETag").allowCredentials(false).maxAge(600)`,
  `.allowedOrigins(${NAMED}).allowedMethods(HttpMethod.GET.name(), HttpMethod.POST.name(), HttpMethod.PATCH.name()).allowedHeaders("Authorization", HttpHeaders.CONTENT_TYPE).allowCredentials(true)`,
  '.allowedOrigins("*").allowedMethods("*").allowedHeaders("*").allowCredentials(false)',
  '.allowedOrigins("*").allowedMethods("*").allowedHeaders("*").allowCredentials(true)',
  '.allowedOrigins("*").allowedMethods("GET").allowCredentials(false)',
  `.allowedOrigins(${NAMED}).allowedMethods("*").allowCredentials(true)`,
  `.allowedOrigins(${NAMED}).allowedHeaders("content-type").allowedHeaders("x-b").allowedOrigins("https://www.example.com").allowCredentials(true)`,
  '.allowedOrigins("HTTPS://App.Example.com").allowedMethods("DELETE").allowCredentials(true)',
  '.allowedOrigins("https://*.example.com").allowCredentials(true)',
  '.allowedOrigins("null", "http://localhost:3000").allowCredentials(true)',
  `.allowedOrigins(${NAMED}).allowedMethods("put").allowCredentials(true)`,
  `.allowedOrigins(${NAMED}).allowedMethods().allowedHeaders().allowCredentials(true)`,
  `.allowedOrigins(ORIGINS).allowedMethods(METHODS).maxAge(AN_HOUR).allowCredentials(true)`,
  `.allowedOrigins().allowCredentials(true)`,
];

/** What is done with `CorsConfiguration c# = new CorsConfiguration();`. */
const BEANS = [
  `c#.addAllowedOrigin(${NAMED});`,
  `c#.setAllowedOrigins(Arrays.asList(${BOTH})); c#.setAllowedMethods(Arrays.asList("GET", "POST", "PUT")); c#.setAllowedHeaders(Collections.singletonList("*")); c#.setAllowCredentials(true);`,
  `c#.setAllowedOrigins(Collections.singletonList("*")); c#.setAllowedMethods(Collections.singletonList("*")); c#.setAllowedHeaders(Collections.singletonList("*"));`,
  "c#.applyPermitDefaultValues(); c#.setAllowCredentials(false);",
  `c#.applyPermitDefaultValues(); c#.setAllowedOrigins(Arrays.asList(ORIGINS)); c#.addAllowedMethod(HttpMethod.PUT);`,
  `c#.setAllowedOrigins(Arrays.asList(${NAMED})); c#.applyPermitDefaultValues(); c#.setAllowCredentials(true); c#.addExposedHeader("ETag");`,
  `c#.addAllowedOrigin(${NAMED}); c#.addAllowedMethod("DELETE"); c#.addAllowedHeader("X-A"); c#.addAllowedHeader("x-b"); c#.setMaxAge(3600L);`,
  `c#.addAllowedOrigin("*"); c#.addAllowedMethod("PUT"); c#.addAllowedHeader("*"); c#.setAllowCredentials(true);`,
  `c#.addAllowedOrigin("*"); c#.addAllowedHeader("Authorization"); c#.setExposedHeaders(Arrays.asList("X-Request-Id"));`,
  "c#.setAllowedMethods(Arrays.asList(METHODS));",
  `c#.addAllowedOrigin(${NAMED}); c#.addAllowedMethod(HttpMethod.PATCH); c#.setAllowCredentials(null);`,
  `for (String origin : ORIGINS) { c#.addAllowedOrigin(origin); }`,
  `c#.addAllowedOrigin(${NAMED}); c#.addAllowedOrigin("*"); c#.addAllowedMethod("GET"); c#.addAllowedMethod("*");`,
];

const GET = '@GetMapping("/**") public String get() { return "ok"; }';

/** Classes of their own: what stands before it, and its methods. */
const CONTROLLERS = [
  ["", `@CrossOrigin ${GET}`],
  ["@CrossOrigin", GET],
  [`@CrossOrigin(${NAMED})`, GET],
  ["", `@CrossOrigin(origins = {${BOTH}}, allowCredentials = "true") ${GET}`],
  [`@CrossOrigin(allowCredentials = "false")`, `@RequestMapping("/**") public String all() { return "ok"; }`],
  [
    `@CrossOrigin(origins = ${NAMED}, allowCredentials = "true", maxAge = 3600)`,
    `${GET} @PutMapping("/**") public String put() { return "ok"; } @DeleteMapping("/**") public String delete() { return "ok"; }`,
  ],
  [
    `@CrossOrigin(origins = ${NAMED}, exposedHeaders = "ETag")`,
    `@CrossOrigin(origins = "https://admin.example.com:8443", allowedHeaders = {"X-A", "Content-Type"}, allowCredentials = "false") @RequestMapping(path = "/**", method = {RequestMethod.GET, RequestMethod.PATCH}) public String both() { return "ok"; }`,
  ],
  [
    `@CrossOrigin(origins = ${NAMED}, allowCredentials = "true")`,
    `@CrossOrigin(allowCredentials = "false", methods = {RequestMethod.GET, RequestMethod.PUT}) @RequestMapping("/**") public String all() { return "ok"; }`,
  ],
  [
    "",
    `@CrossOrigin(origins = "*", allowedHeaders = "*", allowCredentials = "false") @PostMapping("/**") public String add() { return "ok"; }`,
  ],
  ["", `@CrossOrigin(origins = "*", allowCredentials = "true") ${GET}`],
  [
    "",
    `@CrossOrigin(origins = ${NAMED}, allowCredentials = "true") ${GET} @PutMapping("/**") public String put() { return "ok"; }`,
  ],
  [
    `@CrossOrigin(origins = Program.APP, methods = {GET, RequestMethod.DELETE}, allowCredentials = "true")`,
    `@RequestMapping(value = "/**") public String all() { return "ok"; }`,
  ],
];

/** @typedef {{ kind: "mapping" | "bean" | "controller", text: string }} Configuration */

/** @type {Configuration[]} */
export const CONFIGURATIONS = [
  ...MAPPINGS.map((text) => ({ kind: /** @type {const} */ ("mapping"), text })),
  ...BEANS.map((text) => ({ kind: /** @type {const} */ ("bean"), text })),
  ...CONTROLLERS.map(([before, methods]) => ({
    kind: /** @type {const} */ ("controller"),
    text: `${before}\n@RestController\n@RequestMapping("/c#")\nclass C# {\n${methods}\n}`,
  })),
];

/** @param {Configuration["kind"]} kind */
const numbered = (kind) =>
  CONFIGURATIONS.flatMap(({ kind: own, text }, index) =>
    own === kind ? [{ text: text.replaceAll("#", String(index)), index }] : [],
  );

/** The classes of the program, its first one aside. */
export const CLASSES = numbered("controller").map(({ index }) => `C${index}`);

/** The text of `Program.java`. */
export function program() {
  const mappings = numbered("mapping").map(({ text, index }) => `registry.addMapping("/c${index}/**")${text};`);
  const beans = numbered("bean").map(
    ({ text, index }) =>
      `CorsConfiguration c${index} = new CorsConfiguration();\n${text}\nsource.registerCorsConfiguration("/c${index}/**", c${index});`,
  );
  return `import static org.springframework.web.bind.annotation.RequestMethod.GET;

import java.util.Arrays;
import java.util.Collections;

import org.springframework.context.annotation.*;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.cors.*;
import org.springframework.web.servlet.config.annotation.*;

@Configuration
@EnableWebMvc
public class Program extends WebMvcConfigurerAdapter {
static final String APP = ${NAMED};
private static final String[] ORIGINS = {APP, "https://www.example.com"};
private static final String[] METHODS = {"GET", "PUT"};
private static final long AN_HOUR = 60 * 60;

@Override
public void addCorsMappings(CorsRegistry registry) {
${mappings.join("\n")}
}

@Bean
CorsConfigurationSource corsConfigurationSource() {
UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
${beans.join("\n")}
return source;
}
}

${numbered("controller")
  .map(({ text }) => text)
  .join("\n\n")}
`;
}
