import os
import re
from datetime import timedelta

from flask import Blueprint, Flask
from flask_cors import CORS, cross_origin

app = Flask(__name__)
app.config["CORS_EXPOSE_HEADERS"] = ["X-Request-Id"]
app.config.update(CORS_MAX_AGE=timedelta(hours=1))
CORS(
    app,
    resources={
        r"/api/*": {"origins": ["https://App.example.com", "https://*.example.org"], "supports_credentials": True},
        "/status": {"origins": "*", "methods": ["GET", "HEAD"]},
        r"/partners/.*": {"origins": os.environ.get("PARTNERS")},
    },
    allow_headers=["Content-Type", "Authorization"],
)
books = Blueprint("books", __name__, url_prefix="/books")


@books.route("/<int:number>")
@cross_origin(origins=re.compile(r"^https://shop\.example\.com$"))
def book(number):
    return {"number": number}


@books.post("/")
@cross_origin(origins=["https://shop.example.com"], methods=["POST"], vary_header=False)
def add():
    return {}


app.register_blueprint(books)
