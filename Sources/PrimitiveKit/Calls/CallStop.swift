/// Whether the Lua code that makes a call is to stop: by Ctrl-C, or because its budget of time is used up.
///
/// What answers at once and may take long looks now and then, since nobody can cancel it. Task local: the engine sets it
/// for each run of code.
package struct CallStop: Sendable {
  // A function by itself as a task-local value crashes where the compiler specializes `withValue` (Swift 6.3.1, -O).
  @TaskLocal package static var current = CallStop { false }

  /// Safe to call from any thread.
  package let isAsked: @Sendable () -> Bool

  package init(isAsked: @escaping @Sendable () -> Bool) { self.isAsked = isAsked }
}
