// Opens Swagger UI, and makes the examples of the document work as they stand: a sample id or token is replaced by a real one.

// The samples of the document.
const ID = '01JZ5Q6W8Y2N4R6T8V0X2Z4B6D';
const KEY = '8e03978e-40d5-43dd-bc93-6894a57f9324';

// The id that the last response showed for each collection and for each field of a request.
const seen = new Map();

const path = (url) => new URL(url, location.href).pathname.replace(/\/$/, '');
const parent = (path) => path.slice(0, path.lastIndexOf('/'));

// An id of a collection: the last one that was shown, or the first that it lists.
async function known(collection, headers) {
  if (!seen.has(collection)) {
    const response = await fetch(collection, { headers: { Authorization: headers.Authorization ?? '' } });
    const { items = [] } = response.ok ? await response.json() : {};
    if (items.length) seen.set(collection, items[0].id);
  }
  return seen.get(collection) ?? ID;
}

async function request(request) {
  if (!request.loadSpec && request.url.includes('/v1/')) {
    // Each execution is a new request, unless the reader chose the key.
    if (request.headers['Idempotency-Key'] === KEY) request.headers['Idempotency-Key'] = random();
    const url = new URL(request.url, location.href);
    let real = '';
    for (const segment of url.pathname.split('/').slice(1)) {
      real += `/${segment === ID ? await known(real, request.headers) : segment}`;
    }
    url.pathname = real;
    request.url = url.href;
    if (typeof request.body === 'string') {
      request.body = request.body.replace(new RegExp(`"(\\w+)"(\\s*:\\s*)"${ID}[^"]*"`, 'g'), (sample, field, colon) =>
        seen.has(field) ? `"${field}"${colon}"${seen.get(field)}"` : sample);
    }
  }
  return request;
}

function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function response(response) {
  const at = path(response.url);
  // A deleted resource answers no more.
  if (response.status === 204) seen.forEach((id, collection) => at === `${collection}/${id}` && seen.delete(collection));
  const body = response.ok && response.body;
  if (body?.access_token) authorize(body.access_token);
  for (const field of ['entry_id', 'refresh_token']) if (body?.[field]) seen.set(field, body[field]);
  if (body?.id) {
    seen.set(at.endsWith(body.id) ? parent(at) : at, body.id);
    if (at === '/v1/me') seen.set('user_id', body.id);
  }
  return response;
}

function authorize(value) {
  const schema = ui.specSelectors.specJson().getIn(['components', 'securitySchemes', 'bearer']);
  ui.authActions.authorizeWithPersistOption({ bearer: { name: 'bearer', schema, value } });
}

// What an example needs stands above it: changes in the order of their paths, then what ends a thing, the parts before the whole.
function order(left, right) {
  const place = (operation) => {
    const ends = operation.get('method') === 'delete' || operation.get('path').endsWith('/logout');
    const methods = ['post', 'get', 'put', 'patch', 'delete'];
    return [Number(ends), operation.get('path'), methods.indexOf(operation.get('method'))];
  };
  const [a, b] = [place(left), place(right)];
  return a[0] - b[0] || (a[0] ? -1 : 1) * a[1].localeCompare(b[1]) || a[2] - b[2];
}

const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  operationsSorter: order,
  requestInterceptor: request,
  responseInterceptor: response,
});
