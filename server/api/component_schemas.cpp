#include "server/api/openapi_schemas.hpp"

namespace kernd::api {

std::string_view component_schemas() {
  return R"json({
"component": {
  "type": "object",
  "properties": {
    "href": {"type": "string"},
    "id": {"type": "string"},
    "name": {"type": "string"},
    "kind": {"const": "component"},
    "parent_id": {"type": "null"},
    "description": {"type": "string"},
    "x_medkit": {"$ref": "#/components/schemas/x_medkit"},
    "health": {"type": "string", "enum": ["ok", "error"]},
    "data": {
      "type": "object",
      "properties": {
        "executor": {
          "type": "object",
          "properties": {
            "up": {"type": "boolean", "description": "Between Running and Stopped."},
            "faulted": {"type": "boolean", "description": "Until cleared."},
            "task_count": {"type": "integer", "minimum": 0},
            "unknown_tasks": {"type": "integer", "minimum": 0,
                              "description": "Events of tasks that were never registered."},
            "overruns": {"type": "integer", "minimum": 0,
                         "description": "Jobs that ran on after a deadline no shorter than the default."},
            "fault": {
              "description": "The first overrun since the last clear.",
              "type": ["object", "null"],
              "properties": {
                "task": {"type": "string"},
                "allowed_ms": {"type": "integer", "minimum": 0},
                "at_unix_ms": {"type": "integer"}
              },
              "required": ["task", "allowed_ms", "at_unix_ms"],
              "additionalProperties": false
            }
          },
          "required": ["up", "faulted", "task_count", "unknown_tasks", "overruns", "fault"],
          "additionalProperties": false
        }
      },
      "required": ["executor"],
      "additionalProperties": false
    }
  },
  "required": ["href", "id", "name", "kind", "parent_id", "description", "x_medkit", "health", "data"],
  "additionalProperties": false
},
"component_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0},
    "components": {"type": "array", "items": {"$ref": "#/components/schemas/component"}}
  },
  "required": ["total", "components"],
  "additionalProperties": false
},
"app": {
  "type": "object",
  "properties": {
    "href": {"type": "string"},
    "id": {"type": "string", "pattern": "^app:([a-z0-9-]+/[a-z0-9-]+|[A-Za-z0-9._-]+)$"},
    "name": {"type": "string", "description": "The id of the kernel or the actor."},
    "kind": {"const": "app"},
    "parent_id": {"type": "null"},
    "description": {"type": "string"},
    "x_medkit": {"$ref": "#/components/schemas/x_medkit"},
    "health": {"type": "string", "enum": ["ok", "error"]},
    "data": {
      "type": "object",
      "properties": {
        "liveness": {"$ref": "#/components/schemas/app_liveness"},
        "timing": {"$ref": "#/components/schemas/app_timing"}
      },
      "required": ["liveness", "timing"],
      "additionalProperties": false
    }
  },
  "required": ["href", "id", "name", "kind", "parent_id", "description", "x_medkit", "health", "data"],
  "additionalProperties": false
},
"app_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0},
    "apps": {"type": "array", "items": {"$ref": "#/components/schemas/app"}}
  },
  "required": ["total", "apps"],
  "additionalProperties": false
},
"app_liveness": {
  "type": "object",
  "properties": {
    "state": {"type": "string", "enum": ["unknown", "running", "stopped", "error"],
              "description": "Of the app's life, not of a job's; an actor runs while it is active. Error until cleared."},
    "online": {"type": "boolean", "description": "Running, and not in error."},
    "starts": {"type": "integer", "minimum": 0},
    "stops": {"type": "integer", "minimum": 0},
    "errors": {"type": "integer", "minimum": 0,
               "description": "Jobs that failed through the server's or the kernel's fault, or how often the actor did; cleared ones included."},
    "error": {
      "description": "The first failure since the last clear.",
      "type": ["object", "null"],
      "properties": {
        "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
        "message": {"type": "string"},
        "at_unix_ms": {"type": "integer"}
      },
      "required": ["code", "message", "at_unix_ms"],
      "additionalProperties": false
    }
  },
  "required": ["state", "online", "starts", "stops", "errors", "error"],
  "additionalProperties": false
},
"app_timing": {
  "description": "Of the kernel's own code, over all workers; an actor's by message, the way out of its mailbox included. 0 while there is nothing to tell.",
  "type": "object",
  "properties": {
    "executions": {"type": "integer", "minimum": 0},
    "last_took_ns": {"type": "integer", "minimum": 0, "description": "Of the one that ended last."},
    "ewma_took_ns": {"type": "integer", "minimum": 0,
                     "description": "Moving average, an eighth new each time; the workers' weighted by executions."},
    "min_took_ns": {"type": "integer", "minimum": 0},
    "max_took_ns": {"type": "integer", "minimum": 0},
    "period_ns": {"type": "integer", "minimum": 0, "description": "Between the two newest starts."},
    "rate_hz": {"type": ["number", "null"], "minimum": 0, "description": "One by the period."}
  },
  "required": ["executions", "last_took_ns", "ewma_took_ns", "min_took_ns", "max_took_ns", "period_ns",
               "rate_hz"],
  "additionalProperties": false
},
"x_medkit": {
  "type": "object",
  "properties": {"is_online": {"type": "boolean"}},
  "required": ["is_online"],
  "additionalProperties": false
}
})json";
}

}  // namespace kernd::api
