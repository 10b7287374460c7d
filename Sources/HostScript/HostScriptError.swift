package import PrimitiveKit

/// Why a host script cannot be composed or its output not be understood.
package enum HostScriptError: OperatorError, Equatable {
  /// A driver setting that is no variable of its own.
  case badVariable(String)
  /// A verb or function name that sh would not take.
  case badFunction(verb: String, function: String)
  /// A line the script cannot have written, with its text.
  case malformedLine(String)
  /// A line of a known kind without a field it must have.
  case missingField(String, line: String)
  /// A field whose value the script cannot have meant.
  case badField(String, line: String)

  package var failureClass: FailureClass {
    switch self {
    case .badVariable, .badFunction: .invalid
    case .malformedLine, .missingField, .badField: .failed
    }
  }

  package var code: String {
    switch self {
    case .badVariable: "script.bad_variable"
    case .badFunction: "script.bad_function"
    case .malformedLine: "host.malformed_line"
    case .missingField: "host.missing_field"
    case .badField: "host.bad_field"
    }
  }

  package var message: String {
    switch self {
    case .badVariable(let name): "a runtime cannot set the shell variable \"\(name)\""
    case .badFunction(let verb, let function): "\"\(function)\" for \"\(verb)\" is not the name of a shell function"
    case .malformedLine(let line): "the host script wrote a line that opsh cannot read: \"\(line)\""
    case .missingField(let field, let line): "the host script wrote a line without \(field): \"\(line)\""
    case .badField(let field, let line): "the host script wrote a line with a wrong \(field): \"\(line)\""
    }
  }

  package var hint: String? {
    switch self {
    case .badVariable, .badFunction: "Use letters, digits and _; PATH, HOME and IFS are not for runtimes."
    case .malformedLine, .missingField, .badField:
      "A login script may print to stdout; check the host's shell start-up files."
    }
  }
}
