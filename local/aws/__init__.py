"""The embedded AWS: MiniStack and moto in one process, with EC2's own image rules and switchable faults.

MiniStack answers every service but EC2, which moto answers with the rules of `ec2/` put over it. The
modules beside this one mend what MiniStack does otherwise than AWS; each says which AWS rule it models.
Started by `local/embedded-aws.ts`; never a part of what is deployed.
"""
