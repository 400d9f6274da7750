namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>The engines' wire shapes, written down from their sources and documentation; each says of which version it is true.</summary>
internal static class Recorded
{
    private const string Common = "chat completions seed penalties";
    private const string Serving = Common + " logprobs logit_bias token_ids json_schema top_k min_p";

    /// <summary>llama-server, measured (ENGINES.md §2): August 2026.</summary>
    public static RecordedEngine LlamaServer { get; } = new(
        "llama.cpp",
        "b6100-0d8831543",
        "qwen3-8b",
        8192,
        4,
        (1, 0),
        Serving + " typical_p tools",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"qwen3-8b","object":"model","created":1,"owned_by":"llamacpp","meta":{"n_vocab":151936,"n_ctx":8192,"n_ctx_train":40960,"ftype":"Q4_K - Medium"}}]}""",
            ["/props"] = """{"default_generation_settings":{"n_ctx":8192},"total_slots":4,"model_alias":"qwen3-8b","modalities":{"vision":false,"audio":false},"chat_template_caps":{"supports_tools":true,"supports_tool_calls":true},"build_info":"b6100-0d8831543"}""",
            ["/slots"] = """[{"id":0,"n_ctx":8192,"is_processing":true,"id_task":7},{"id":1,"n_ctx":8192,"is_processing":false},{"id":2,"n_ctx":8192,"is_processing":false},{"id":3,"n_ctx":8192,"is_processing":false}]""",
        },
        [
            """{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"chatcmpl-1","model":"qwen3-8b","system_fingerprint":"b6100-0d8831543","object":"chat.completion.chunk"}""",
            """{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hello"}}],"created":1,"id":"chatcmpl-1","object":"chat.completion.chunk"}""",
            """{"choices":[{"finish_reason":null,"index":0,"delta":{"content":" there"}}],"created":1,"id":"chatcmpl-1","object":"chat.completion.chunk"}""",
            """{"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"chatcmpl-1","object":"chat.completion.chunk"}""",
            """{"choices":[],"created":1,"id":"chatcmpl-1","object":"chat.completion.chunk","usage":{"completion_tokens":3,"prompt_tokens":25,"total_tokens":28},"timings":{"cache_n":16,"prompt_n":9,"prompt_ms":31.5,"predicted_n":3,"predicted_ms":60.2}}""",
            "[DONE]",
        ],
        (25, 16, 3));

    /// <summary>vLLM 0.11, started with <c>--enable-prompt-tokens-details</c>.</summary>
    public static RecordedEngine Vllm { get; } = new(
        "vllm",
        "0.11.0",
        "Qwen/Qwen3-8B",
        32768,
        null,
        (2, 1),
        Serving + " json_object repetition_penalty min_tokens",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"Qwen/Qwen3-8B","object":"model","created":1,"owned_by":"vllm","root":"Qwen/Qwen3-8B","parent":null,"max_model_len":32768,"permission":[{"id":"modelperm-1","object":"model_permission","organization":"*"}]}]}""",
            ["/version"] = """{"version":"0.11.0"}""",
            ["/metrics"] = """
                # HELP vllm:num_requests_running Number of requests in model execution batches.
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-8B"} 2.0
                # HELP vllm:num_requests_waiting Number of requests waiting to be processed.
                # TYPE vllm:num_requests_waiting gauge
                vllm:num_requests_waiting{engine="0",model_name="Qwen/Qwen3-8B"} 1.0
                """,
        },
        [
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":[151644,872,198]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":null,"finish_reason":null,"token_ids":[32713]}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":"lo there"},"logprobs":null,"finish_reason":null,"token_ids":[385,1052]}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":[151645]}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[],"usage":{"prompt_tokens":25,"total_tokens":29,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":16}}}""",
            "[DONE]",
        ],
        (25, 16, 4))
    {
        TokenIds = [32713, 385, 1052],
    };

    /// <summary>SGLang 0.5, started with <c>--enable-cache-report</c>.</summary>
    public static RecordedEngine SgLang { get; } = new(
        "sglang",
        "0.5.4",
        "qwen/qwen3-8b",
        32768,
        128,
        (3, 2),
        Serving + " json_object",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"qwen/qwen3-8b","object":"model","created":1,"owned_by":"sglang","root":"qwen/qwen3-8b","parent":null,"max_model_len":32768}]}""",
            ["/server_info"] = """{"model_path":"qwen/qwen3-8b","host":"127.0.0.1","port":30000,"context_length":null,"max_running_requests":128,"max_total_num_tokens":204800,"internal_states":[{"effective_max_running_requests_per_dp":128}],"version":"0.5.4"}""",
            ["/v1/loads"] = """{"timestamp":"2026-08-01T00:00:00+00:00","version":"0.5.4","loads":[{"dp_rank":0,"num_running_reqs":1,"num_waiting_reqs":2},{"dp_rank":1,"num_running_reqs":2,"num_waiting_reqs":0}]}""",
        },
        [
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"qwen/qwen3-8b","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":null,"matched_stop":null}],"usage":null}""",
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"qwen/qwen3-8b","choices":[{"index":0,"delta":{"role":null,"content":"Hello there","reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":null,"matched_stop":null}],"usage":null}""",
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"qwen/qwen3-8b","choices":[{"index":0,"delta":{"role":null,"content":null,"reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":"stop","matched_stop":151645}],"usage":null}""",
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"qwen/qwen3-8b","choices":[],"usage":{"prompt_tokens":25,"total_tokens":28,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":16},"reasoning_tokens":0}}""",
            "[DONE]",
        ],
        (25, 16, 3));

    /// <summary>Ollama's source of August 2026: a model from the library that is loaded, one from elsewhere, and one that runs at Ollama's.</summary>
    public static RecordedEngine Ollama { get; } = new(
        "ollama",
        "0.12.11",
        "qwen3:8b",
        16384,
        1,
        null,
        Common + " json_schema json_object tools reasoning_effort",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"gpt-oss:120b-cloud","object":"model","created":1,"owned_by":"library"},{"id":"qwen3:8b","object":"model","created":1,"owned_by":"library"}]}""",
            ["/api/version"] = """{"version":"0.12.11"}""",
            ["/api/tags"] = """{"models":[{"name":"gpt-oss:120b-cloud","model":"gpt-oss:120b-cloud","remote_model":"gpt-oss:120b","remote_host":"https://ollama.com:443","size":384,"digest":"b"},{"name":"qwen3:8b","model":"qwen3:8b","size":5225388164,"digest":"500a1f067a9f","details":{"format":"gguf","family":"qwen3","parameter_size":"8.2B","quantization_level":"Q4_K_M"}}]}""",
            ["/api/ps"] = """{"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":8000000000,"digest":"500a1f067a9f","size_vram":8000000000,"context_length":16384}]}""",
            ["/api/show"] = """{"parameters":"num_ctx                        8192\nstop                           \"<|im_end|>\"","model_info":{"general.architecture":"qwen3","qwen3.context_length":40960},"capabilities":["completion","tools","thinking"]}""",
        },
        [
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"qwen3:8b","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"qwen3:8b","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":null}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"qwen3:8b","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"qwen3:8b","system_fingerprint":"fp_ollama","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":3,"total_tokens":28}}""",
            "[DONE]",
        ],
        (25, 0, 3));

    /// <summary>LM Studio 0.4: one model is loaded, one only lies there.</summary>
    public static RecordedEngine LmStudio { get; } = new(
        "lm-studio",
        "",
        "google/gemma-3-12b",
        4096,
        4,
        null,
        Common + " logit_bias json_schema top_k tools images",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"data":[{"id":"google/gemma-3-12b","object":"model","owned_by":"organization_owner"},{"id":"deepseek-r1","object":"model","owned_by":"organization_owner"}],"object":"list"}""",
            ["/api/v1/models"] = """{"models":[{"type":"llm","publisher":"google","key":"google/gemma-3-12b","quantization":{"name":"Q4_K_M","bits_per_weight":4},"loaded_instances":[{"id":"google/gemma-3-12b","config":{"context_length":4096,"eval_batch_size":512,"parallel":4,"flash_attention":true}}],"max_context_length":131072,"format":"gguf","capabilities":{"vision":true,"trained_for_tool_use":true}},{"type":"llm","publisher":"deepseek","key":"deepseek-r1","loaded_instances":[],"max_context_length":131072,"capabilities":{"vision":false,"trained_for_tool_use":true}}]}""",
        },
        [
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"google/gemma-3-12b","system_fingerprint":"google/gemma-3-12b","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"logprobs":null,"finish_reason":null}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"google/gemma-3-12b","system_fingerprint":"google/gemma-3-12b","choices":[{"index":0,"delta":{"role":"assistant","content":" there"},"logprobs":null,"finish_reason":null}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"google/gemma-3-12b","system_fingerprint":"google/gemma-3-12b","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"google/gemma-3-12b","system_fingerprint":"google/gemma-3-12b","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":3,"total_tokens":28}}""",
            "[DONE]",
        ],
        (25, 0, 3))
    {
        // Whatever it is asked for.
        Elsewhere = """{"error":"Unexpected endpoint or method. (GET /props)"}""",
    };

    /// <summary>text-generation-inference 3.3.</summary>
    public static RecordedEngine Tgi { get; } = new(
        "tgi",
        "3.3.6-dev0",
        "mistralai/Mistral-7B-Instruct-v0.2",
        4096,
        128,
        (2, 3),
        "chat completions seed",
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"mistralai/Mistral-7B-Instruct-v0.2","object":"model","created":0,"owned_by":"mistralai/Mistral-7B-Instruct-v0.2"}]}""",
            ["/info"] = """{"model_id":"mistralai/Mistral-7B-Instruct-v0.2","model_sha":"c1","model_pipeline_tag":"text-generation","max_concurrent_requests":128,"max_best_of":2,"max_stop_sequences":4,"max_input_tokens":4095,"max_total_tokens":4096,"validation_workers":2,"max_client_batch_size":4,"router":"text-generation-router","version":"3.3.6-dev0","sha":null,"docker_label":null}""",
            ["/metrics"] = "# TYPE tgi_queue_size gauge\ntgi_queue_size 3\n# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size 2\n",
        },
        [
            """{"object":"chat.completion.chunk","id":"","created":1,"model":"mistralai/Mistral-7B-Instruct-v0.2","system_fingerprint":"3.3.6-dev0-native","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}""",
            """{"object":"chat.completion.chunk","id":"","created":1,"model":"mistralai/Mistral-7B-Instruct-v0.2","system_fingerprint":"3.3.6-dev0-native","choices":[{"index":0,"delta":{"role":"assistant","content":" there"},"logprobs":null,"finish_reason":null}],"usage":null}""",
            """{"object":"chat.completion.chunk","id":"","created":1,"model":"mistralai/Mistral-7B-Instruct-v0.2","system_fingerprint":"3.3.6-dev0-native","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":"stop_sequence"}],"usage":null}""",
            """{"object":"chat.completion.chunk","id":"","created":1,"model":"mistralai/Mistral-7B-Instruct-v0.2","system_fingerprint":"3.3.6-dev0-native","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":3,"total_tokens":28}}""",
            "[DONE]",
        ],
        (25, 0, 3));

    /// <summary>A server that says no more than OpenAI's does, and its context.</summary>
    public static RecordedEngine Plain { get; } = new(
        "openai-compatible",
        "",
        "some-model",
        8192,
        null,
        null,
        Common,
        new Dictionary<string, string>
        {
            ["/v1/models"] = """{"object":"list","data":[{"id":"some-model","object":"model","created":1,"owned_by":"somebody","context_length":8192}]}""",
        },
        [
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"some-model","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello there"},"finish_reason":null}],"usage":null}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"some-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}""",
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"some-model","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":3,"total_tokens":28,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            "[DONE]",
        ],
        (25, 8, 3));

    public static IReadOnlyDictionary<string, RecordedEngine> All { get; } =
        new[] { LlamaServer, Vllm, SgLang, Ollama, LmStudio, Tgi, Plain }.ToDictionary(engine => engine.Name);
}
