// Shows the description that the page links to. `validatorUrl: null`: no stranger gets to read it.
SwaggerUIBundle({
  url: document.querySelector("link[rel=service-desc]").href,
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
