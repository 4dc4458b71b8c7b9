/** Points in time, as the server writes them: RFC 3339 in UTC. */
import { z } from "zod";

export const writtenTimestampSchema = z.string().meta({ format: "date-time" });
