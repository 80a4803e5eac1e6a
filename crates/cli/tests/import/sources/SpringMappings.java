package com.example;

import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.config.annotation.*;

@Configuration
public class WebConfig implements WebMvcConfigurer {

    private static final String[] PAGES = {"https://app.example.com", "https://www.example.com"};

    @Override
    public void addCorsMappings(CorsRegistry registry) {
        // Every method, also those that Spring has no name for.
        registry.addMapping("/open/**").allowedOrigins("*").allowedMethods("*").allowedHeaders("*");
        // With credentials, a policy lists the methods.
        registry.addMapping("/mine/**").allowedOrigins(PAGES).allowedMethods("*").allowCredentials(true);
        // The defaults: every origin, GET, HEAD and POST.
        registry.addMapping("/feed/**");
        // The last call of a setter counts.
        registry.addMapping("/orders/**")
            .allowedOrigins("https://shop.example.com")
            .allowedOrigins(PAGES)
            .allowedMethods(HttpMethod.GET.name(), HttpMethod.PATCH.name())
            .allowedHeaders("X-Tenant", "Content-Type")
            .exposedHeaders("ETag")
            .maxAge(60 * 60);
        // Nothing is allowed.
        registry.addMapping("/closed/**").allowedOrigins();
    }
}
