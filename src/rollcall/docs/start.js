const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  // A key that was typed here is forgotten with the page.
  persistAuthorization: false,
  // It would send the description's address to a validator on the internet.
  validatorUrl: null,
});
