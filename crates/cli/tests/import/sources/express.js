const express = require('express');
const cors = require('cors');
const app = express();
const whitelist = ['https://app.example.com', 'https://admin.example.com'];
const corsOptions = {
  origin: function (origin, callback) {
    if (!origin || whitelist.indexOf(origin) !== -1) {
      callback(null, true);
    } else {
      callback(new Error('Not allowed by CORS'));
    }
  },
  credentials: true,
  methods: 'GET,PUT, DELETE',
  exposedHeaders: ['X-Request-Id'],
  maxAge: 60 * 60,
  optionsSuccessStatus: 200,
};
app.use('/api', cors(corsOptions));
app.get('/public', cors(), (req, res) => res.json({}));
app.use('/r', cors({ origin: [/\.example\.com$/, /^https:\/\/\w+\.example\.net$/, 'http://old.example.com', 'https://www.example.org/', 'null'], allowedHeaders: 'Authorization, Content-Type' }));
app.use('/x', cors({ origin: true, credentials: true }));
