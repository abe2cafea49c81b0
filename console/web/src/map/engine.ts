/** MapLibre with its worker as a file of ours: the page's policy allows no blob. A chunk of its own, loaded with the first map. */
import 'maplibre-gl/dist/maplibre-gl.css'
import maplibre from 'maplibre-gl/dist/maplibre-gl-csp.js'
import worker from 'maplibre-gl/dist/maplibre-gl-csp-worker.js?url'

maplibre.setWorkerUrl(worker)

export { maplibre }
