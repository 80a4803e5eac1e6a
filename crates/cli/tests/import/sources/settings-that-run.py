from .base import CORS_URLS_REGEX

print "reading settings"

CORS_ORIGIN_WHITELIST = ["https://old.example.com"]
CORS_ALLOWED_ORIGINS = PAGES = ["https://app.example.com"]
CORS_ALLOW_HEADERS = ["content-type"]
CORS_ALLOW_METHODS = EXTRA = ["PUT"]

EXTRA.append("DELETE")
PAGES.extend(MORE_PAGES)
globals().update(local_settings())

CORS_ALLOW_CREDENTIALS = True
