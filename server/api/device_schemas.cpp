#include "server/api/openapi_schemas.hpp"

namespace kernd::api {

std::string_view device_schemas() {
  return R"json({
"device": {
  "type": "object",
  "properties": {
    "id": {"type": "string", "description": "cpu, or cuda: and its number."},
    "kind": {"type": "string", "enum": ["cpu", "cuda"]},
    "name": {"type": "string"},
    "compute_capability": {"type": ["string", "null"], "description": "Of a CUDA device: 9.0."},
    "memory_total_bytes": {"type": ["integer", "null"], "minimum": 0,
                           "description": "Of a CUDA device."},
    "runs_kernels": {"type": "boolean", "description": "Whether jobs of this daemon run there."},
    "state": {"type": "string", "enum": ["usable", "recovering", "failed"],
              "description": "This and what follows: of a CUDA device that the daemon uses."},
    "failure": {"type": "string", "description": "Why it is not usable."},
    "workspaces": {"type": "integer", "minimum": 0, "description": "Jobs it can run at a time."},
    "running": {"type": "integer", "minimum": 0},
    "memory_free_bytes": {"type": "integer", "minimum": 0,
                          "description": "For any process. Of memory: as of a second ago, and only while the device is usable."},
    "memory_used_bytes": {"type": "integer", "minimum": 0, "description": "By jobs."},
    "memory_peak_bytes": {"type": "integer", "minimum": 0, "description": "The most that jobs used."},
    "memory_reserved_bytes": {"type": "integer", "minimum": 0,
                              "description": "Held for jobs, used or not."},
    "errors": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1},
               "description": "How often runs ended with errors of CUDA or its libraries, by their names: cudaErrorIllegalAddress."},
    "resets": {"type": "integer", "minimum": 0,
               "description": "How often it was reset after a failure."}
  },
  "required": ["id", "kind", "name", "compute_capability", "memory_total_bytes", "runs_kernels"],
  "additionalProperties": false
},
"device_list": {
  "type": "object",
  "properties": {
    "total": {"type": "integer", "minimum": 1},
    "devices": {"type": "array", "items": {"$ref": "#/components/schemas/device"}},
    "cuda": {
      "description": "How far the way to CUDA devices goes; what stops it, and what to do.",
      "type": "object",
      "properties": {
        "state": {"type": "string",
                  "enum": ["turned_off", "driver_absent", "driver_unusable", "no_device", "module_absent",
                           "module_broken", "build_differs", "driver_too_old", "kernels_differ",
                           "module_loaded"]},
        "message": {"type": "string"},
        "advice": {"type": ["string", "null"]},
        "driver_version": {"type": ["string", "null"],
                           "description": "The CUDA version that the driver supports: 13.0."},
        "kernels": {"type": "array", "items": {"type": "string"},
                    "description": "Those that libkernd_cuda.so has, where it is loaded."}
      },
      "required": ["state", "message", "advice", "driver_version", "kernels"],
      "additionalProperties": false
    }
  },
  "required": ["total", "devices", "cuda"],
  "additionalProperties": false
}
})json";
}

}  // namespace kernd::api
