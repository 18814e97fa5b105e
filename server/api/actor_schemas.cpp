#include "server/api/openapi_schemas.hpp"

namespace kernd::api {

std::string_view actor_schemas() {
  return R"json({
"actor": {
  "type": "object",
  "properties": {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    "kernel_id": {"type": "string"},
    "state": {"type": "string", "enum": ["created", "launched", "active", "deactivated", "terminating", "terminated", "failed"]},
    "mode": {"type": "string", "enum": ["persistent", "event_driven"]},
    "backend": {"const": "cpu"},
    "input_queue_depth": {"type": "integer", "minimum": 0},
    "output_queue_depth": {"type": "integer", "minimum": 0},
    "messages_processed": {"type": "integer", "minimum": 0},
    "uptime_us": {"type": "integer", "minimum": 0},
    "last_turn_ago_us": {"type": ["integer", "null"], "minimum": 0, "description": "When it last looked for mail; null until it did."},
    "failure": {"type": ["string", "null"], "description": "What its handler threw."},
    "counters": {
      "type": "object",
      "properties": {
        "sent": {"type": "integer", "minimum": 0},
        "refused": {"type": "integer", "minimum": 0},
        "processed": {"type": "integer", "minimum": 0},
        "expired": {"type": "integer", "minimum": 0},
        "dead_lettered": {"type": "integer", "minimum": 0},
        "terminated": {"type": "integer", "minimum": 0},
        "failed": {"type": "integer", "minimum": 0},
        "emitted": {"type": "integer", "minimum": 0},
        "replied": {"type": "integer", "minimum": 0},
        "forwarded": {"type": "integer", "minimum": 0},
        "restarts": {"type": "integer", "minimum": 0}
      },
      "required": ["sent", "refused", "processed", "expired", "dead_lettered", "terminated", "failed", "emitted", "replied", "forwarded", "restarts"],
      "additionalProperties": false
    },
    "options": {"type": "object"},
    "messages": {
      "description": "What may be sent to it.",
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "type_id": {"type": "integer", "minimum": 1, "maximum": 4294967295},
          "name": {"type": "string"},
          "reply": {"type": ["string", "null"]}
        },
        "required": ["type_id", "name", "reply"],
        "additionalProperties": false
      }
    }
  },
  "required": ["id", "kernel_id", "state", "mode", "backend", "input_queue_depth", "output_queue_depth", "messages_processed", "uptime_us", "last_turn_ago_us", "failure", "counters", "options", "messages"],
  "additionalProperties": false
},
"actor_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0},
    "actors": {"type": "array", "items": {"$ref": "#/components/schemas/actor"}}
  },
  "required": ["total", "actors"],
  "additionalProperties": false
},
"actor_reply": {
  "type": "object",
  "properties": {
    "request_id": {"type": "string"},
    "actor_id": {"type": "string"},
    "message_id": {"type": "string", "pattern": "^[0-9]{1,20}$"},
    "type": {"type": "integer", "minimum": 1, "maximum": 4294967295},
    "name": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"},
    "payload": {"type": "object"},
    "metadata": {
      "type": "object",
      "properties": {"duration_us": {"type": "integer", "minimum": 0}},
      "required": ["duration_us"]
    }
  },
  "required": ["request_id", "actor_id", "message_id", "type", "name", "timestamp", "payload"],
  "additionalProperties": false
},
"message_accepted": {
  "type": "object",
  "properties": {"message_id": {"type": "string", "pattern": "^[0-9]{1,20}$"}},
  "required": ["message_id"],
  "additionalProperties": false
},
"actor_output": {
  "type": "object",
  "properties": {
    "messages": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "position": {"type": "integer", "minimum": 1},
          "message_id": {"type": "string", "pattern": "^[0-9]{1,20}$"},
          "type": {"type": "integer", "minimum": 1, "maximum": 4294967295},
          "name": {"type": "string"},
          "timestamp": {"type": "string", "format": "date-time"},
          "payload": {"type": "object"}
        },
        "required": ["position", "message_id", "type", "name", "timestamp", "payload"],
        "additionalProperties": false
      }
    },
    "next_after": {"type": "integer", "minimum": 0, "description": "Ask again with this as after."}
  },
  "required": ["messages", "next_after"],
  "additionalProperties": false
},
"route": {
  "type": "object",
  "properties": {
    "type_id": {"type": "integer", "minimum": 0, "maximum": 4294967295},
    "actor_id": {"type": "string"},
    "replaced": {"type": ["string", "null"], "description": "The actor that had it before."}
  },
  "required": ["type_id", "actor_id"],
  "additionalProperties": false
},
"route_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0},
    "routes": {"type": "array", "items": {"$ref": "#/components/schemas/route"}}
  },
  "required": ["total", "routes"],
  "additionalProperties": false
},
"receipt": {
  "type": "object",
  "properties": {
    "message_id": {"type": "string", "pattern": "^[0-9]{1,20}$"},
    "status": {"type": "string", "enum": ["delivered", "pending"]},
    "actor_id": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"}
  },
  "required": ["message_id", "status", "actor_id", "timestamp"],
  "additionalProperties": false
},
"dispatch_metrics": {
  "description": "dispatched = delivered + pending + unknown_type + delivery_errors.",
  "type": "object",
  "properties": {
    "dispatched": {"type": "integer", "minimum": 0},
    "delivered": {"type": "integer", "minimum": 0},
    "pending": {"type": "integer", "minimum": 0},
    "unknown_type": {"type": "integer", "minimum": 0},
    "delivery_errors": {"type": "integer", "minimum": 0}
  },
  "required": ["dispatched", "delivered", "pending", "unknown_type", "delivery_errors"],
  "additionalProperties": false
},
"dead_letter_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0},
    "added": {"type": "integer", "minimum": 0, "description": "Since the start."},
    "dropped": {"type": "integer", "minimum": 0, "description": "For want of room: the oldest."},
    "dead_letters": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "id": {"type": "integer", "minimum": 1},
          "reason": {"type": "string", "enum": ["expired", "queue_full", "actor_terminated", "actor_not_found", "unknown_message_type", "max_hops_exceeded", "handler_failed"]},
          "actor_id": {"type": "string"},
          "at": {"type": "string", "format": "date-time"},
          "message_id": {"type": "string", "pattern": "^[0-9]{1,20}$"},
          "type": {"type": "integer", "minimum": 0, "maximum": 4294967295},
          "name": {"type": "string"},
          "timestamp": {"type": "string", "format": "date-time"},
          "payload": {"type": ["object", "null"]}
        },
        "required": ["id", "reason", "actor_id", "at", "message_id", "type", "payload"],
        "additionalProperties": false
      }
    }
  },
  "required": ["total", "added", "dropped", "dead_letters"],
  "additionalProperties": false
}
})json";
}

}  // namespace kernd::api
