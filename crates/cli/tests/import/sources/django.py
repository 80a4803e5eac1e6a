import os
import re

from corsheaders.defaults import default_headers

CORS_URLS_REGEX = r"^/api/.*$"
CORS_ORIGIN_WHITELIST = ("https://app.example.com", os.environ["SECOND_ORIGIN"])
CORS_ALLOWED_ORIGIN_REGEXES = [
    r"^https://([a-z0-9-]+\.)*example\.org$",
    r"^https://\w+\.example\.com",
    re.compile(r"^https://.+\.example\.net$", re.IGNORECASE),
]
CORS_ALLOW_HEADERS = (*default_headers, "X-Tenant")
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["X-Request-Id"]
CORS_PREFLIGHT_MAX_AGE = 60 * 60
CORS_ALLOW_PRIVATE_NETWORK = True
