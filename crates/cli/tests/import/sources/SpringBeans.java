package com.example;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.*;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.web.cors.*;
import org.springframework.web.filter.CorsFilter;

@Configuration
public class SecurityConfig {

    private static final List<String> ORIGINS = List.of("https://app.example.com", "https://admin.example.com");

    @Value("${partners.origins}")
    private List<String> partners;

    @Bean
    SecurityFilterChain chain(HttpSecurity http) throws Exception {
        http.cors(Customizer.withDefaults()).authorizeHttpRequests(it -> it.anyRequest().authenticated());
        return http.build();
    }

    @Bean
    CorsConfigurationSource corsConfigurationSource() {
        CorsConfiguration api = new CorsConfiguration();
        api.setAllowedOrigins(ORIGINS);
        api.setAllowedMethods(Arrays.asList(HttpMethod.GET.name(), "PUT", "DELETE"));
        api.setAllowedHeaders(List.of(HttpHeaders.AUTHORIZATION, HttpHeaders.CONTENT_TYPE));
        api.addExposedHeader("X-Request-Id");
        api.setAllowCredentials(true);
        api.setMaxAge(Duration.ofHours(2));

        // Without allowed methods, Spring allows GET and HEAD, and without headers none.
        CorsConfiguration feed = new CorsConfiguration();
        feed.addAllowedOrigin("https://reader.example.com");

        // What is added stands beside the defaults: every origin is still allowed.
        CorsConfiguration open = new CorsConfiguration().applyPermitDefaultValues();
        open.addAllowedOrigin("https://app.example.com");
        open.addAllowedMethod(HttpMethod.PUT);

        CorsConfiguration previews = new CorsConfiguration();
        previews.setAllowedOriginPatterns(List.of(
            "https://*.preview.example.com", "https://app.example.com:[8080,8443]", "https://*example.org"));
        previews.setAllowedMethods(List.of("*"));
        previews.setAllowedHeaders(List.of("*"));
        previews.setAllowCredentials(true);

        CorsConfiguration partner = new CorsConfiguration();
        partner.setAllowedOrigins(partners);
        partner.addAllowedMethod("GET");

        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/api/**", api);
        source.registerCorsConfiguration("/feed", feed);
        source.registerCorsConfiguration("/open/**", open);
        source.registerCorsConfiguration("/previews/**", previews);
        source.registerCorsConfiguration("/partners/**", partner);
        return source;
    }
}
