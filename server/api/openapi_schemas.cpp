#include "server/api/openapi_schemas.hpp"

namespace kernd::api {

std::string_view openapi_schemas() {
  return R"json({
"problem": {
  "description": "RFC 9457: what went wrong, for programs (code) and for people (message).",
  "type": "object",
  "properties": {
    "title": {"type": "string"},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
    "message": {"type": "string"},
    "request_id": {"type": "string", "description": "The same as in X-Request-ID and in the log."},
    "details": {
      "type": "object",
      "properties": {
        "pointer": {"type": "string", "description": "JSON pointer into the body, or into the output."},
        "expected": {"type": "string"},
        "actual": {"type": "string"}
      },
      "required": ["pointer", "expected", "actual"],
      "additionalProperties": false
    }
  },
  "required": ["title", "status", "code", "message", "request_id"],
  "additionalProperties": false
},
"kernel_summary": {
  "type": "object",
  "properties": {
    "id": {"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$"},
    "domain": {"type": "string"},
    "mode": {"type": "string", "enum": ["Batch", "Ring"]},
    "description": {"type": "string"},
    "version": {"type": "string"},
    "backends": {"type": "array", "items": {"type": "string", "enum": ["cpu", "cuda"]}},
    "executable": {"type": "boolean", "description": "Whether `execute` takes it: batch kernels, and ring kernels unless `ring.execute_over_rest` is off."}
  },
  "required": ["id", "domain", "mode", "description", "version", "backends", "executable"]
},
"kernel_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 0, "description": "How many the query matched."},
    "kernels": {"type": "array", "items": {"$ref": "#/components/schemas/kernel_summary"}},
    "next_cursor": {"type": "string", "description": "There is more: ask again with this as cursor."}
  },
  "required": ["total", "kernels"],
  "additionalProperties": false
},
"kernel": {
  "allOf": [{"$ref": "#/components/schemas/kernel_summary"}],
  "type": "object",
  "properties": {
    "expected_throughput": {"type": "integer", "description": "Declared target, operations per second."},
    "target_latency_us": {"type": "number", "description": "Declared target."},
    "requires_gpu_native": {"type": "boolean"},
    "cpu_fallback": {"type": "boolean",
                     "description": "Whether a job may run on the CPU after its device failed."},
    "max_batch_size": {"type": "integer", "minimum": 1, "description": "Small jobs that may be computed together; at most executor.max_batch_size are."},
    "tolerance": {"type": "number", "minimum": 0},
    "placement": {
      "type": "object",
      "description": "Where its jobs go, when a device can run it.",
      "properties": {
        "mode": {"type": "string", "enum": ["auto", "cpu", "cuda"]},
        "cuda_from_bytes": {"type": ["integer", "null"], "minimum": 0,
                            "description": "With auto: inputs from here on go to the device; null: none does."},
        "measured": {
          "type": "array",
          "description": "What one run took, without decoding and encoding, when the daemon started.",
          "items": {
            "type": "object",
            "properties": {
              "input_bytes": {"type": "integer", "minimum": 0},
              "cpu_us": {"type": "number", "minimum": 0},
              "cuda_us": {"type": "number", "minimum": 0}
            },
            "required": ["input_bytes", "cpu_us", "cuda_us"],
            "additionalProperties": false
          }
        }
      },
      "required": ["mode", "cuda_from_bytes", "measured"],
      "additionalProperties": false
    },
    "input_schema": {"type": "object", "description": "JSON Schema 2020-12."},
    "output_schema": {"type": "object", "description": "JSON Schema 2020-12."},
    "messages": {
      "type": "array",
      "description": "Of a ring kernel: what may be sent to its actors, and what they send.",
      "items": {
        "type": "object",
        "properties": {
          "type_id": {"type": "integer", "minimum": 1},
          "name": {"type": "string"},
          "direction": {"type": "string", "enum": ["handled", "emitted"]},
          "reply": {"type": ["integer", "null"], "description": "The type id of the answer."},
          "schema": {"type": "object", "description": "JSON Schema 2020-12."}
        },
        "required": ["type_id", "name", "direction", "reply", "schema"],
        "additionalProperties": false
      }
    },
    "example": {
      "type": "object",
      "properties": {"input": {"type": "object"}, "output": {"type": "object"}},
      "required": ["input", "output"],
      "additionalProperties": false
    },
    "measured": {
      "type": "object",
      "properties": {
        "executions": {"type": "integer", "minimum": 0},
        "mean_compute_us": {"type": ["number", "null"]}
      },
      "required": ["executions", "mean_compute_us"],
      "additionalProperties": false
    }
  },
  "required": ["expected_throughput", "target_latency_us", "requires_gpu_native",
               "cpu_fallback", "max_batch_size", "tolerance", "input_schema", "output_schema", "measured"]
},
"execute_metadata": {
  "description": "Members that are not listed here are ignored.",
  "type": "object",
  "properties": {
    "timeout_ms": {"type": ["integer", "null"], "minimum": 1,
                   "description": "Deadline, counted from the first byte of the request."},
    "priority": {"type": ["integer", "null"], "minimum": 0, "maximum": 10,
                 "description": "Higher first; 5 unless set."},
    "tenant_id": {"type": ["string", "null"], "maxLength": 256},
    "trace_id": {"type": ["string", "null"], "maxLength": 256},
    "span_id": {"type": ["string", "null"], "maxLength": 256}
  }
},
"execute_request": {
  "type": "object",
  "properties": {
    "input": {"type": "object", "description": "As the kernel's input_schema says."},
    "metadata": {"$ref": "#/components/schemas/execute_metadata"}
  },
  "required": ["input"],
  "additionalProperties": false
},
"result_metadata": {
  "type": "object",
  "properties": {
    "duration_us": {"type": "integer", "minimum": 0},
    "backend": {"type": "string", "enum": ["CPU", "CUDA"]},
    "gpu_memory_bytes": {"type": ["integer", "null"], "minimum": 0,
                         "description": "The most that the job held on its device; null on the CPU."},
    "trace_id": {"type": ["string", "null"]},
    "device": {"type": "string", "description": "cpu, or cuda: and its number."},
    "queue_us": {"type": ["integer", "null"], "minimum": 0, "description": "Null of a ring kernel."},
    "compute_us": {"type": ["integer", "null"], "minimum": 0, "description": "Likewise."},
    "h2d_us": {"type": ["integer", "null"], "minimum": 0,
               "description": "Copying to the device by its own clock, as compute_us there, for the whole batch; null on the CPU."},
    "d2h_us": {"type": ["integer", "null"], "minimum": 0, "description": "And back."},
    "batch_size": {"type": "integer", "minimum": 1, "description": "Jobs that were computed together, this one included."},
    "params_used": {"type": "object", "description": "The defaults that applied."}
  },
  "required": ["duration_us", "backend", "gpu_memory_bytes", "trace_id", "device", "queue_us",
               "compute_us", "h2d_us", "d2h_us", "batch_size", "params_used"],
  "additionalProperties": false
},
"execute_result": {
  "type": "object",
  "properties": {
    "request_id": {"type": "string"},
    "kernel_id": {"type": "string"},
    "output": {"type": "object", "description": "As the kernel's output_schema says."},
    "metadata": {"$ref": "#/components/schemas/result_metadata"}
  },
  "required": ["request_id", "kernel_id", "output", "metadata"],
  "additionalProperties": false
},
"health": {
  "type": "object",
  "properties": {
    "status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy"]},
    "version": {"type": "string"},
    "uptime_secs": {"type": "integer", "minimum": 0},
    "components": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "name": {"type": "string"},
          "status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy"]},
          "message": {"type": "string"}
        },
        "required": ["name", "status", "message"],
        "additionalProperties": false
      }
    }
  },
  "required": ["status", "version", "uptime_secs", "components"],
  "additionalProperties": false
},
"openapi": {"type": "object", "required": ["openapi", "info", "paths"]},
"probe": {
  "type": "object",
  "properties": {
    "status": {"type": "string"},
    "reasons": {"type": "array", "items": {"type": "string"}, "description": "When it is not well."}
  },
  "required": ["status"],
  "additionalProperties": false
})json"
         R"json(,
"runtime": {
  "type": "object",
  "properties": {
    "state": {"$ref": "#/components/schemas/lifecycle_state"},
    "in_state_secs": {"type": "integer", "minimum": 0},
    "uptime_secs": {"type": "integer", "minimum": 0},
    "version": {"type": "string"},
    "configuration": {
      "type": "object",
      "properties": {
        "revision": {"type": "integer", "minimum": 1,
                     "description": "1 at the start, one more with each successful reload."},
        "loaded_at": {"type": "string", "format": "date-time"},
        "hot_reload": {"type": "boolean"}
      },
      "required": ["revision", "loaded_at", "hot_reload"],
      "additionalProperties": false
    },
    "stats": {
      "type": "object",
      "properties": {
        "kernels_registered": {"type": "integer", "minimum": 0},
        "kernels_active": {"type": "integer", "minimum": 0, "description": "Actors that are active."},
        "messages_processed": {"type": "integer", "minimum": 0, "description": "By actors."},
        "messages_in_flight": {"type": "integer", "minimum": 0, "description": "In mailboxes."},
        "jobs_in_flight": {"type": "integer", "minimum": 0, "description": "Queued or running."},
        "jobs_running": {"type": "integer", "minimum": 0, "description": "Abandoned ones included."},
        "jobs_abandoned": {"type": "integer", "minimum": 0,
                           "description": "Running though nobody waits any more."},
        "workers": {"type": "integer", "minimum": 1},
        "gpu_memory_bytes": {"type": "integer", "minimum": 0, "description": "That kernels use, of all devices."},
        "gpu_memory_peak_bytes": {"type": "integer", "minimum": 0, "description": "The most of each device, added."}
      },
      "required": ["kernels_registered", "kernels_active", "messages_processed",
                   "messages_in_flight", "jobs_in_flight", "jobs_running", "jobs_abandoned",
                   "workers", "gpu_memory_bytes", "gpu_memory_peak_bytes"],
      "additionalProperties": false
    },
    "ring": {
      "type": "object",
      "properties": {
        "active_kernels": {"type": "integer", "minimum": 0, "description": "Actors that are active."},
        "total_launched": {"type": "integer", "minimum": 0},
        "messages_sent": {"type": "integer", "minimum": 0, "description": "To actors."},
        "messages_received": {"type": "integer", "minimum": 0, "description": "From actors."},
        "calls_waiting": {"type": "integer", "minimum": 0},
        "host_memory_used": {"type": "integer", "minimum": 0, "description": "Bytes; by actors."}
      },
      "required": ["active_kernels", "total_launched", "messages_sent", "messages_received",
                   "calls_waiting", "host_memory_used"],
      "additionalProperties": false
    }
  },
  "required": ["state", "in_state_secs", "uptime_secs", "version", "configuration", "stats", "ring"],
  "additionalProperties": false
},
"lifecycle_state": {
  "type": "string",
  "enum": ["Created", "Starting", "Running", "Draining", "Stopped", "Failed"]
},
"runtime_config": {
  "description": "Section by section, key by key.",
  "type": "object",
  "additionalProperties": {
    "type": "object",
    "additionalProperties": {
      "type": "object",
      "properties": {
        "value": {"type": ["boolean", "number", "string", "array"]},
        "origin": {"type": "string",
                   "description": "default, preset NAME, file PATH:LINE, environment NAME or flag."}
      },
      "required": ["value", "origin"],
      "additionalProperties": false
    }
  }
},
"reload_report": {
  "type": "object",
  "properties": {
    "revision": {"type": "integer", "minimum": 2},
    "changed": {"type": "array", "items": {"type": "string"}, "description": "Keys."}
  },
  "required": ["revision", "changed"],
  "additionalProperties": false
},
"drain_report": {
  "type": "object",
  "properties": {
    "state": {"$ref": "#/components/schemas/lifecycle_state"},
    "jobs_in_flight": {"type": "integer", "minimum": 0}
  },
  "required": ["state", "jobs_in_flight"],
  "additionalProperties": false
}
})json";
}

}  // namespace kernd::api
