package com.example.accounts;

import static org.springframework.web.bind.annotation.RequestMethod.PUT;

import org.springframework.web.bind.annotation.*;

@CrossOrigin(maxAge = 3600, exposedHeaders = {"X-Total", "X-Page"})
@RestController
@RequestMapping("/accounts")
public class AccountController {

    private static final String SHOP = "https://shop.example.com";

    // Class and method combine: lists add up, and the rest is the method's.
    @CrossOrigin(origins = {SHOP, "https://App.Example.com/"}, allowCredentials = "true", allowedHeaders = "X-Requested-With")
    @RequestMapping(method = RequestMethod.GET, path = "/mine")
    public Account mine() {
        return null;
    }

    // The defaults: every origin, every header, the methods of the mapping.
    @GetMapping
    public List<Account> all() {
        return null;
    }

    @PostMapping
    public void add(@RequestBody Account account) {
    }

    @GetMapping("/{id}")
    public Account one(@PathVariable Long id) {
        return null;
    }

    @CrossOrigin(originPatterns = "https://*.example.com", methods = {RequestMethod.GET, PUT}, maxAge = 60)
    @RequestMapping({"/settings", "/preferences"})
    public void settings() {
    }

    @CrossOrigin("${accounts.origins}")
    @DeleteMapping("/everything")
    public void everything() {
    }

    @CrossOrigin(origins = "*", allowCredentials = "true")
    @PatchMapping("/open")
    public void open() {
    }

    private void helper() {
    }
}
