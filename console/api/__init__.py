"""HTTP routers, one file per noun of docs/reference/http.md."""
