from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
admin = FastAPI()

app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example.com", "https://admin.example.com"],
    allow_origin_regex=r"https://[a-z0-9-]+\.preview\.example\.com",
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
    expose_headers=["X-Request-Id"],
)
admin.add_middleware(CORSMiddleware, allow_origins=["https://admin.example.com"], allow_headers=["Authorization"])
app.mount("/admin", admin)
