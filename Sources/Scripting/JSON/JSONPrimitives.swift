package import PrimitiveKit

/// `json.*`: pure, so they answer at once and may be called from anywhere.
package enum JSONPrimitives {
  package static var all: [Primitive] { [decode, encode, array, null] }

  private static var decode: Primitive {
    Primitive(
      immediate: "json.decode",
      "Reads JSON exactly: 64-bit integers, nulls and empty lists stay what they are.",
      Parameter<JSONInput>("text", "The text, one JSON value"),
      Parameter<NumberForm>(
        "numbers",
        default: NumberForm(.exact),
        "\"text\" answers each number as its text, for prices and ids beyond 64 bits"
      ),
      returns: "The value; null becomes `json.null`",
      examples: [
        Example(#"json.decode('{"id": 9007199254740993, "tags": []}').id"#, "an integer beyond 2^53, exact"),
        Example(#"json.decode('[null]')[1] == json.null"#, "a null that a table can hold"),
        Example(#"json.decode('{"price": 0.10}', "text").price"#, "the text \"0.10\""),
      ],
      topics: ["parse", "read"]
    ) { text, numbers throws(CallFailure) -> Value in
      switch text {
      case .bytes(let bytes):
        do throws(JSONProblem) {
          return try JSONReader.value(of: bytes, numbers: numbers.form)
        } catch {
          throw CallFailure(error)
        }
      case .unknown(let unknown): return .unknown(Unknown(why: unknown.why, origin: "json.decode(\(unknown.origin))"))
      }
    }
  }

  private static var encode: Primitive {
    Primitive(
      immediate: "json.encode",
      "Writes a value as JSON, names in alphabetical order.",
      Parameter<Value>("value", default: .null, "The value; `json.array {}` is an empty list").whole,
      Parameter<Bool>("pretty", default: false, "Write over several lines"),
      returns: "The text",
      examples: [
        Example(#"json.encode { host = "web001", bots = { "bot1", "bot2" }, note = json.null }"#, "an object"),
        Example(#"json.encode({ rows = json.array {} }, true)"#, "an empty list, over several lines"),
      ],
      topics: ["write", "print", "serialize"]
    ) { value, pretty throws(CallFailure) -> Value in
      // What depends on something a dry run does not know is not known either.
      if let unknown = value.firstUnknown {
        return .unknown(Unknown(why: unknown.why, origin: "json.encode(\(unknown.origin))"))
      }
      return .string(try JSONWriter.text(value, isPretty: pretty))
    }
  }

  private static var array: Primitive {
    Primitive(
      immediate: "json.array",
      "Marks a table as a list, so that an empty one is written as [].",
      Parameter<[Value]>("list", default: [], "The list").whole,
      returns: "The list",
      examples: [Example("json.encode(json.array {})", "[] instead of {}")],
      topics: ["empty", "list"]
    ) { list throws(CallFailure) -> Value in .array(list) }
  }

  private static var null: Primitive {
    Primitive(
      constant: "json.null",
      "The null of JSON: a value that a table can hold, unlike nil.",
      .jsonNull,
      examples: [Example("json.encode { limit = json.null }", "a field that is null")],
      topics: ["nil", "missing"]
    )
  }
}

/// A text to decode, or what a dry run does not know of it.
enum JSONInput: ValueConvertible {
  case bytes([UInt8])
  case unknown(Unknown)

  static var luaType: String { "string" }

  init(_ value: Value) throws(ConversionError) {
    if case .unknown(let unknown) = value { self = .unknown(unknown) } else { self = .bytes(try ByteText(value).bytes) }
  }

  var value: Value {
    switch self {
    case .bytes(let bytes): ByteText(bytes).value
    case .unknown(let unknown): .unknown(unknown)
    }
  }
}

/// How numbers are answered, as a script says it.
struct NumberForm: ValueConvertible {
  let form: JSONReader.Numbers

  init(_ form: JSONReader.Numbers) { self.form = form }

  static var luaType: String { "string" }
  static var completion: Completion { .choices(["exact", "text"]) }

  init(_ value: Value) throws(ConversionError) {
    switch value {
    case .string("exact"): form = .exact
    case .string("text"): form = .text
    default: throw ConversionError(expected: "\"exact\" or \"text\"", found: value)
    }
  }

  var value: Value { .string(form == .text ? "text" : "exact") }
}
