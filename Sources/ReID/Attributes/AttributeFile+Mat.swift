extension AttributeFile {
    /// The files of Lin et al. 2019: a structure `market_attribute` or `duke_attribute` of two structures, `train` and `test`,
    /// each with `image_index` (the people, as text) and one field per attribute (a class from 1 on for each person). The
    /// order of the fields differs between the two: they are read by name.
    static func mat(_ path: String) throws(ReIDError) -> (AttributeTable, [String]) {
        let file = try MatFile(path: path)
        let known = ["market_attribute": AttributeSchema.market1501, "duke_attribute": .dukeMTMC]
        guard let (variable, schema) = known.first(where: { file.variables[$0.key] != nil }),
            let value = file.variables[variable]
        else {
            throw .data(
                path: path,
                reason:
                    "holds \(file.variables.keys.sorted().joined(separator: ", ")), expected \(known.keys.sorted().joined(separator: " or "))"
            )
        }
        var values: [Int: [Int]] = [:]
        var notices: [String] = []
        for part in ["train", "test"] {
            guard let structure = value.field(part), case .structure(let fields) = structure else {
                throw .data(path: path, reason: "\(variable) has no structure '\(part)'")
            }
            let people = try people(structure, of: "\(variable).\(part)", path)
            for person in people {
                guard values[person] == nil else {
                    throw .data(
                        path: path, reason: "\(variable).\(part): person \(person) for the second time")
                }
                values[person] = [Int](
                    repeating: AttributeTable.unknown, count: schema.attributes.count)
            }
            for (index, attribute) in schema.attributes.enumerated() {
                guard let field = structure.field(attribute.name) else {
                    notices.append("\(part): no field '\(attribute.name)', taken as unknown")
                    continue
                }
                guard case .numbers(let numbers) = field, numbers.count == people.count else {
                    throw .data(
                        path: path,
                        reason:
                            "\(variable).\(part).\(attribute.name) is not one number for each of \(people.count) people"
                    )
                }
                var strange = 0
                for (person, number) in zip(people, numbers) {
                    if let code = Int(exactly: number), attribute.classes.indices.contains(code - 1) {
                        values[person]?[index] = code - 1
                    } else {
                        strange += 1
                    }
                }
                if strange > 0 {
                    notices.append(
                        "\(part): \(strange) values of '\(attribute.name)' not in 1 to \(attribute.classes.count), taken as unknown"
                    )
                }
            }
            let unknown = fields.map(\.name).filter { $0 != "image_index" && schema.index(of: $0) == nil }
            if !unknown.isEmpty {
                notices.append(
                    "\(part): unknown \(unknown.count == 1 ? "field" : "fields") \(unknown.joined(separator: ", ")) left out"
                )
            }
        }
        return (try AttributeTable(schema: schema, values: values), notices)
    }

    private static func people(_ structure: MatValue, of name: String, _ path: String) throws(ReIDError)
        -> [Int]
    {
        guard case .cells(let cells)? = structure.field("image_index"), !cells.isEmpty else {
            throw .data(path: path, reason: "\(name) has no list of people 'image_index'")
        }
        var people: [Int] = []
        for cell in cells {
            guard case .text(let text) = cell, let person = Int(text) else {
                throw .data(path: path, reason: "\(name).image_index holds something that is no number")
            }
            people.append(person)
        }
        return people
    }
}
