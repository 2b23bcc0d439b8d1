// A file of its own, since the page's Content-Security-Policy lets no script stand in the page.
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
  validatorUrl: null, // nothing is asked of anybody else's server
});
