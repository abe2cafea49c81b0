/** What we use of Swagger UI; the package brings no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Request {
    headers: Record<string, string>
  }
  export default function SwaggerUI(options: {
    domNode: HTMLElement
    url: string
    validatorUrl: null
    deepLinking: boolean
    docExpansion: 'none'
    filter: boolean
    requestInterceptor: (request: Request) => Request
  }): void
}
