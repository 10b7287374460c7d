package import PrimitiveKit

/// What the functions of a runbook get as `job`; lint and annotations read the same.
package enum JobShapes {
  package static let all = [job, step, retry, each, wait, results, hold]

  /// The methods of a job.
  package static let job = LuaShape(
    "opsh.Job",
    "The run that a function of a runbook works in; every method records what it does, so that a resume repeats nothing",
    methods: [
      LuaFunction(
        "step",
        "Runs a body and records its result under a name.",
        [
          FieldInfo("name", "string", "Unique within its scope, without `/`, `~` and `#`"),
          FieldInfo("body", "fun(job: opsh.Job): any", "What it does; answers data"),
          FieldInfo("options", "opsh.StepOptions?", "How it is tried and undone"),
        ],
        returns: ReturnInfo(type: "any", help: "What the body returned, from the journal if it ran before")
      ),
      LuaFunction(
        "each",
        "Runs a body for every host or bot of a set or list, a few at a time.",
        [
          FieldInfo("set", "string|set|table[]|string[]", "The items: a set, its text, or a list of names or records"),
          FieldInfo("options", "opsh.EachOptions", "How many at once, and how many may fail; may be left out"),
          FieldInfo("body", "fun(item: string): any", "What is done for one"),
        ],
        returns: ReturnInfo(type: "opsh.EachResult", help: "The names by outcome class")
      ),
      LuaFunction(
        "wait",
        "Polls until a probe has returned true for `settle`.",
        [
          FieldInfo("what", "string", "What is waited for, in words"),
          FieldInfo("deadline", "duration", "The longest it may take"),
          FieldInfo("probe", "fun(): any", "Looks; must change nothing"),
          FieldInfo("options", "opsh.WaitOptions?", "How often, and how long it must hold"),
        ],
        returns: ReturnInfo(type: "any", help: "What the probe returned last")
      ),
      LuaFunction(
        "ensure",
        "Stops the run unless a condition holds.",
        [
          FieldInfo("condition", "any", "The condition"), FieldInfo("message", "any?", "What is wrong otherwise"),
          FieldInfo("...", "any", "Returned as they are"),
        ],
        returns: ReturnInfo(type: "any", help: "The condition, as `assert` does")
      ),
      LuaFunction(
        "hold",
        "Acquires something and releases it at the end of the block, whatever happens there.",
        [
          FieldInfo("name", "string", "The name of its step"),
          FieldInfo("acquire", "fun(...: any): any", "Gets the remaining arguments"),
          FieldInfo("release", "fun(...: any): any", "Gets the same"), FieldInfo("...", "any", "For both"),
        ],
        returns: ReturnInfo(type: "opsh.Hold", help: "For a variable `local name <close>`")
      ),
      LuaFunction(
        "confirm",
        "Asks a person during the run; another answer stops the run there.",
        [FieldInfo("text", "string", "The question"), FieldInfo("answer", "string|number", "What must be typed")]
      ),
      LuaFunction(
        "note",
        "Prints a note and adds it to the timeline of the run.",
        [FieldInfo("text", "any", "The note")]
      ),
    ]
  )

  private static let attempts = [
    FieldInfo("retry", "integer|opsh.Retry?", "A number of retries, or `{ attempts = 3, pause = \"5s\" }`"),
    FieldInfo("timeout", "duration?", "The longest it may take"),
    FieldInfo("on_failure", "\"stop\"|\"rollback\"|\"skip\"?", "What follows a failure, instead of asking"),
  ]

  private static let retry = LuaShape(
    "opsh.Retry",
    "How often something is tried",
    fields: [
      FieldInfo("attempts", "integer", "At most this often"),
      FieldInfo("pause", "duration?", "Time between two attempts"),
    ]
  )

  private static let step = LuaShape(
    "opsh.StepOptions",
    "The options of `job:step`",
    fields: attempts + [
      FieldInfo("undo", "fun(job: opsh.Job, result: any)?", "Undoes it; gets the step's result, nil if it failed"),
      FieldInfo("predict", "any?", "The result a dry run assumes if it cannot be known"),
    ]
  )

  private static let each = LuaShape(
    "opsh.EachOptions",
    "The options of `job:each`",
    fields: attempts + [
      FieldInfo("name", "string?", "The name of the step; each item is a step below it"),
      FieldInfo("window", "integer|string?", "How many at once, a number or a share such as `\"10%\"`; 5"),
      FieldInfo("budget", "integer|string?", "How many may fail; a tenth"),
      FieldInfo("ramp", "boolean?", "Start with one and grow with successes; true"),
      FieldInfo("gate", "fun(done: string[]): boolean?", "Gets the names done so far and says whether to continue"),
      FieldInfo("gate_every", "integer|string?", "How often the gate is asked"),
      FieldInfo("jitter", "integer|string?", "Wait up to this many seconds before each"),
      FieldInfo("undo", "fun(job: opsh.Job, result: any)?", "Undoes one item"),
    ]
  )

  private static let wait = LuaShape(
    "opsh.WaitOptions",
    "The options of `job:wait`",
    fields: [
      FieldInfo("settle", "duration?", "How long the probe must keep returning true; not at all"),
      FieldInfo("every", "duration?", "Time between two looks; 1 s"),
      FieldInfo("name", "string?", "The name of the step, if several wait for the same"),
    ]
  )

  private static let results = LuaShape(
    "opsh.EachResult",
    "What `job:each` answers; a class without names is an empty list",
    fields: ["ok", "failed", "unhealthy", "unreachable", "unknown", "skipped", "excluded"].map {
      FieldInfo($0, "string[]", "Names of this class")
    } + [
      FieldInfo("results", "table<string, any>", "What the body returned, by name"),
      FieldInfo("details", "table<string, string>", "Why the others are not ok, by name"),
    ]
  )

  private static let hold = LuaShape(
    "opsh.Hold",
    "What `job:hold` answers",
    fields: [
      FieldInfo("value", "any", "What `acquire` returned"), FieldInfo("release", "fun()", "Releases it before the end"),
    ]
  )

  /// The options of each method, by their names.
  package static let options: [String: [String]] = {
    let shapes = Dictionary(all.map { ($0.name, $0.fieldNames) }, uniquingKeysWith: { first, _ in first })
    return Dictionary(
      job.methods.map { method in
        let options = method.parameters.first { $0.name == "options" }
        return (method.name, options.flatMap { shapes[$0.type.replacing("?", with: "")] } ?? [])
      },
      uniquingKeysWith: { first, _ in first }
    )
  }()

  /// Where a method takes its options, counted from 0; nil when it has none.
  package static func position(ofOptions method: String) -> Int? {
    job.methods.first { $0.name == method }?.parameters.firstIndex { $0.name == "options" }
  }
}
