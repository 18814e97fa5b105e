#include "server/api/openapi_schemas.hpp"

namespace kernd::api {

std::string_view actor_request_schemas() {
  return R"json({
"actor_name": {
  "type": "string",
  "pattern": "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$"
},
"queue_capacity": {
  "description": "Messages; a power of two. A queue takes 1 GiB at most.",
  "type": "integer",
  "enum": [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
},
"message_priority": {"type": "string", "enum": ["low", "normal", "high", "critical"]},
"launch_options": {
  "type": "object",
  "properties": {
    "mode": {"type": "string", "enum": ["persistent", "event_driven"], "default": "persistent"},
    "input_queue_capacity": {"$ref": "#/components/schemas/queue_capacity", "default": 1024},
    "output_queue_capacity": {"$ref": "#/components/schemas/queue_capacity",
                              "description": "As ring.output_log says, rounded up, unless set."},
    "auto_activate": {"type": "boolean", "default": true},
    "priority": {"$ref": "#/components/schemas/message_priority", "default": "normal",
                 "description": "Of messages that have none."},
    "overflow": {"type": "string", "enum": ["refuse", "wait", "dead_letter"], "default": "refuse",
                 "description": "What becomes of a message that finds the mailbox full."},
    "restart": {"type": "string", "enum": ["permanent", "one_for_one"], "default": "permanent",
                "description": "What becomes of the actor when its handler throws."},
    "state_bytes": {"type": "integer", "minimum": 0, "maximum": 1073741824,
                    "description": "Of the block behind the state; the kernel's choice unless set."},
    "group": {"type": "string", "pattern": "^$|^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$", "default": ""},
    "backend": {"type": "string", "enum": ["auto", "cpu", "cuda"], "default": "auto",
                "description": "Actors run on the CPU; cuda is answered with BACKEND_UNAVAILABLE."},
    "grid_size": {"type": "integer", "const": 1, "default": 1, "description": "Of a device."},
    "block_size": {"type": "integer", "const": 256, "default": 256, "description": "Of a device."},
    "shared_memory_size": {"type": "integer", "const": 0, "default": 0,
                           "description": "Of a device."}
  },
  "additionalProperties": false
},
"launch_request": {
  "type": "object",
  "properties": {
    "kernel_id": {"type": "string", "minLength": 1, "description": "Of a ring kernel."},
    "actor_id": {"$ref": "#/components/schemas/actor_name",
                 "description": "Made from the kernel's id unless set."},
    "options": {"$ref": "#/components/schemas/launch_options"}
  },
  "required": ["kernel_id"],
  "additionalProperties": false
},
"message_type_id": {"type": "integer", "minimum": 0, "maximum": 4294967295},
"message_type": {
  "description": "By its id or its name, as `messages` of the actor has them.",
  "oneOf": [{"$ref": "#/components/schemas/message_type_id"}, {"type": "string"}]
},
"message_payload": {
  "type": "object",
  "default": {},
  "description": "As the schema says that the kernel's `messages` have for the type."
},
"message_deadline": {
  "type": "integer",
  "minimum": 1,
  "description": "How long the message may wait to be handled; executor.max_timeout_ms at most."
},
"message_timeout": {
  "type": "integer",
  "minimum": 1,
  "description": "How long to wait for the reply; executor.max_timeout_ms at most."
},
"message_request": {
  "type": "object",
  "properties": {
    "type": {"$ref": "#/components/schemas/message_type"},
    "payload": {"$ref": "#/components/schemas/message_payload"},
    "priority": {"$ref": "#/components/schemas/message_priority",
                 "description": "The actor's unless set."},
    "deadline_ms": {"$ref": "#/components/schemas/message_deadline"}
  },
  "required": ["type"],
  "additionalProperties": false
},
"call_request": {
  "type": "object",
  "properties": {
    "type": {"$ref": "#/components/schemas/message_type"},
    "payload": {"$ref": "#/components/schemas/message_payload"},
    "priority": {"$ref": "#/components/schemas/message_priority",
                 "description": "The actor's unless set."},
    "deadline_ms": {"$ref": "#/components/schemas/message_deadline"},
    "timeout_ms": {"$ref": "#/components/schemas/message_timeout"}
  },
  "required": ["type"],
  "additionalProperties": false
},
"route_request": {
  "type": "object",
  "properties": {"actor_id": {"type": "string", "description": "Of an actor that handles the type."}},
  "required": ["actor_id"],
  "additionalProperties": false
},
"dispatch_request": {
  "type": "object",
  "properties": {
    "type_id": {"$ref": "#/components/schemas/message_type_id"},
    "payload": {"$ref": "#/components/schemas/message_payload"},
    "priority": {"$ref": "#/components/schemas/message_priority",
                 "description": "The actor's unless set."},
    "deadline_ms": {"$ref": "#/components/schemas/message_deadline"},
    "timeout_ms": {"$ref": "#/components/schemas/message_timeout",
                   "description": "With ?reply=true alone; the query's wins."},
    "source": {"type": "string", "minLength": 1, "maxLength": 64,
               "description": "Id of the actor that the message is said to come from."}
  },
  "required": ["type_id"],
  "additionalProperties": false
}
})json";
}

}  // namespace kernd::api
