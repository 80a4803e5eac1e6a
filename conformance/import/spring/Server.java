import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.servlet.Filter;

import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.servlet.mvc.HttpRequestHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Runs a program in Tomcat: {@code java Server FOLDER CLASS…} prints its port.
 *
 * <p>Debian's Spring cannot make the subclasses that it wants of classes with {@code @Configuration}: their methods are
 * called here instead, as Spring would.
 */
public class Server {
    private static final Registry REGISTRY = new Registry();

    static class Registry extends CorsRegistry {
        Map<String, CorsConfiguration> all() {
            return getCorsConfigurations();
        }
    }

    /** Of what {@code @EnableWebMvc} imports, all that decides about CORS. */
    @Component
    static class Web {
        @Bean
        RequestMappingHandlerMapping mapping() {
            RequestMappingHandlerMapping mapping = new RequestMappingHandlerMapping();
            mapping.setCorsConfigurations(REGISTRY.all());
            mapping.setOrder(0);
            return mapping;
        }

        @Bean
        RequestMappingHandlerAdapter adapter() {
            return new RequestMappingHandlerAdapter();
        }

        /**
         * Answers what the program has no handler for. In the mapping above it would be a second handler of each request,
         * and Spring allows every preflight that several handlers match.
         */
        @Bean
        SimpleUrlHandlerMapping rest() {
            HttpRequestHandler handler = (request, response) -> response.getWriter().print("ok");
            SimpleUrlHandlerMapping mapping = new SimpleUrlHandlerMapping();
            mapping.setUrlMap(Collections.singletonMap("/**", handler));
            mapping.setCorsConfigurations(REGISTRY.all());
            return mapping;
        }

        /** Of preflights, and of that one. */
        @Bean
        HttpRequestHandlerAdapter handlers() {
            return new HttpRequestHandlerAdapter();
        }
    }

    public static void main(String[] arguments) throws Exception {
        AnnotationConfigWebApplicationContext program = new AnnotationConfigWebApplicationContext();
        program.register(Web.class);
        List<Filter> filters = new ArrayList<>();
        for (int at = 1; at < arguments.length; at += 1) {
            Class<?> type = Class.forName(arguments[at]);
            if (type.isAnnotationPresent(RestController.class)) {
                program.register(type);
                continue;
            }
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Object configuration = constructor.newInstance();
            if (configuration instanceof WebMvcConfigurer) {
                ((WebMvcConfigurer) configuration).addCorsMappings(REGISTRY);
            }
            filters.addAll(filters(configuration));
        }

        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[0]);
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", new File(arguments[0]).getAbsolutePath());
        for (Filter filter : filters) {
            map(filter, "filter" + filters.indexOf(filter), context);
        }
        DispatcherServlet servlet = new DispatcherServlet(program);
        Tomcat.addServlet(context, "spring", servlet).setLoadOnStartup(1);
        context.addServletMappingDecoded("/", "spring");
        tomcat.start();
        System.out.println(tomcat.getConnector().getLocalPort());

        // It ends with its standard input, even if the process that started it is killed.
        while (System.in.read() >= 0) {
        }
        System.exit(0);
    }

    /** The filters that beans of a class are, or are the sources of. */
    private static List<Filter> filters(Object configuration) throws Exception {
        List<Filter> filters = new ArrayList<>();
        for (Method method : configuration.getClass().getDeclaredMethods()) {
            if (!method.isAnnotationPresent(Bean.class)) {
                continue;
            }
            method.setAccessible(true);
            Object bean = method.invoke(configuration);
            if (bean instanceof Filter) {
                filters.add((Filter) bean);
            } else if (bean instanceof CorsConfigurationSource) {
                // As Spring Security does with it.
                filters.add(new CorsFilter((CorsConfigurationSource) bean));
            }
        }
        return filters;
    }

    private static void map(Filter filter, String name, Context context) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPattern("/*");
        context.addFilterMap(map);
    }
}
