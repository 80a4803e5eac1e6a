from flask import Flask
from flask_cors import CORS, cross_origin

app = Flask(__name__)
CORS(app, resources={r"/api/*": {"origins": "https://app.example.com"}})


@app.after_request
def add_headers(response):
    response.headers.add("Access-Control-Allow-Headers", "Content-Type,Authorization")
    return response


@app.route("/api/items", methods=["GET", "POST"])
@cross_origin(origins="https://app.example.com", supports_credentials=True)
def items():
    return {"items": []}
